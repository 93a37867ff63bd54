"""Building worlds: a configuration folder with data, written from Python values. Also XLSX and TOML writing."""
import datetime as dt
import json
import os
import re
import sqlite3

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904


def toml_value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(one) for one in value) + "]"
    return "{ " + ", ".join(f"{toml_key(key)} = {toml_value(one)}" for key, one in value.items()) + " }"


def toml_key(key):
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)


def toml_document(document):
    """Top-level tables as [table.name]; everything below inline."""
    lines = []
    for key, value in document.items():
        if not isinstance(value, dict):
            lines.append(f"{toml_key(key)} = {toml_value(value)}")
    for key, value in document.items():
        if isinstance(value, dict):
            nested = all(isinstance(one, dict) for one in value.values()) and key not in ("defaults",)
            for name, entry in value.items() if nested else [(None, value)]:
                head = toml_key(key) if name is None else f"{toml_key(key)}.{toml_key(name)}"
                lines.append(f"\n[{head}]")
                lines.extend(f"{toml_key(inner)} = {toml_value(one)}" for inner, one in entry.items())
    return "\n".join(lines) + "\n"


def write_bytes(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def quote_cell(cell, delimiter):
    text = "" if cell is None else str(cell)
    if any(character in text for character in (delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def csv_text(rows, delimiter=",", newline="\r\n"):
    return "".join(delimiter.join(quote_cell(cell, delimiter) for cell in row) + newline for row in rows)


def write_csv(path, rows, encoding="utf-8", delimiter=",", newline="\r\n"):
    write_bytes(path, csv_text(rows, delimiter, newline).encode(encoding))


def write_xlsx(path, rows, sheet="名簿", epoch_1904=False, other_sheets=()):
    """Rows of Python values; a pair ("text", number_format) sets the format of a number."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    book = openpyxl.Workbook()
    if epoch_1904:
        book.epoch = CALENDAR_MAC_1904
    first = book.active
    first.title = other_sheets[0] if other_sheets else sheet
    for name in list(other_sheets[1:]) + ([sheet] if other_sheets else []):
        book.create_sheet(name)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            if value is not None:
                book[sheet].cell(row=number, column=column, value=value)
    book.save(path)


LIVE_WRITERS = []  # connections of recorders that are still writing


def write_sqlite(path, script, tables=(), wal=False, live=False):
    """tables: (name, columns, rows). `live` leaves the writer's connection open, so that rows lie in the `-wal`."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        os.remove(path)
    database = sqlite3.connect(path)
    if wal:
        database.execute("PRAGMA journal_mode=WAL")
    database.executescript(script)
    for name, columns, rows in tables:
        marks = ", ".join("?" for _ in columns)
        database.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", rows)
    database.commit()
    if live:
        LIVE_WRITERS.append(database)
    else:
        database.close()


def write_xls(path, rows, sheet="名簿", epoch_1904=False):
    """BIFF by xlwt; an XLSX twin of the same cells is for the oracle."""
    import xlwt
    book = xlwt.Workbook()
    book.dates_1904 = epoch_1904
    page = book.add_sheet(sheet)
    day, moment = xlwt.easyxf(num_format_str="yyyy-mm-dd"), xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm:ss")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, dt.datetime):
                page.write(number, column, value, moment)
            elif isinstance(value, dt.date):
                page.write(number, column, value, day)
            elif value is not None:
                page.write(number, column, value)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    book.save(path)


def write_ods(path, rows, sheet="名簿"):
    """ODS by odfpy."""
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P
    book = OpenDocumentSpreadsheet()
    page = Table(name=sheet)
    for row in rows:
        line = TableRow()
        for value in row:
            if isinstance(value, dt.datetime):
                cell = TableCell(valuetype="date", datevalue=value.isoformat())
            elif isinstance(value, dt.date):
                cell = TableCell(valuetype="date", datevalue=value.isoformat())
            elif isinstance(value, (int, float)):
                cell = TableCell(valuetype="float", value=value)
            elif value is None:
                cell = TableCell()
            else:
                cell = TableCell(valuetype="string")
            if value is not None:
                cell.addElement(P(text=str(value)))
            line.addElement(cell)
        page.addElement(line)
    book.spreadsheet.addElement(page)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    book.save(path)


class World:
    """One configuration folder and its story.

    `steps` are run in order: ("scan", now[, datasets]), ("dry", now), ("change", function), ("confirm", dataset, now).
    `expect` holds hand-computed answers: {step number: {dataset: {"rule:reason": items or (items, new, continuing,
    gone) or {..., "due": text}}}}; a dataset not named there is not checked by the self-test.
    """

    def __init__(self, name):
        self.name = name
        self.files = []      # functions of the folder
        self.steps = []
        self.expect = {}
        self.canaries = set()
        self.server = {
            "version": 1, "register": ["register/*.toml"],
            "service": {"state": "state"},
            "mail": {"from": "Privacy Office <privacy-office@example.co.jp>", "maildir": {"path": "outbox"}},
            "roots": {}, "connections": {},
        }
        self.register = {
            "organisation": {"name": {"ja": "例示社", "en": "Example"}, "contact_point": "privacy@example.co.jp",
                             "privacy_manager": "manager", "time_zone": "Asia/Tokyo", "fiscal_year_starts": "04-01",
                             "policy": {"established": dt.date(2010, 12, 1), "revised": dt.date(2012, 7, 1)}},
            "people": {"manager": {"name": "管理者", "email": "manager@example.co.jp", "language": "ja"},
                       "pic": {"name": "Person in charge", "email": "pic@example.co.jp", "language": "en"}},
            "divisions": {"division-a": {"name": {"ja": "甲部", "en": "Division A"}, "person_in_charge": "pic"}},
            "purposes": {}, "categories": {}, "contracts": {}, "templates": {}, "sources": {}, "ledgers": {},
            "datasets": {},
        }
        self.config_source = None
        self.list_items = False  # compare `purposed items` with the counts of the last scan

    def purpose(self, key, ground="consent", values=()):
        entry = {"name": {"ja": key, "en": key}, "ground": ground}
        if values:
            entry["values"] = list(values)
        self.register["purposes"][key] = entry

    def category(self, key, purposes, **more):
        self.register["categories"][key] = {"name": {"ja": key, "en": key}, "purposes": list(purposes), **more}

    def root(self, name, path=None):
        self.server["roots"][name] = path or f"data/{name}"

    def dataset(self, name, source, purposes, category="general", **more):
        entry = {"name": {"ja": name, "en": name}, "division": "division-a", "category": category,
                 "purposes": list(purposes), "schedule": "0 3 * * *", **more}
        if source is not None:
            entry["source"] = source
        self.register["datasets"][name] = entry

    def ledger(self, name, kind, source):
        self.register["ledgers"][name] = {"kind": kind, "division": "division-a", "source": source}

    def file(self, function):
        self.files.append(function)

    def write(self, folder):
        """Writes configuration and data."""
        if self.config_source:
            self.config_source(folder)
        else:
            os.makedirs(os.path.join(folder, "register"), exist_ok=True)
            server = {key: value for key, value in self.server.items() if value != {}}
            server_text = toml_document({key: value for key, value in server.items() if key != "mail"})
            server_text += ("\n[mail]\nfrom = %s\n\n[mail.maildir]\npath = \"outbox\"\n"
                            % toml_value(self.server["mail"]["from"]))
            write_bytes(os.path.join(folder, "purposed.toml"), server_text.encode())
            register = {key: value for key, value in self.register.items() if value != {}}
            write_bytes(os.path.join(folder, "register", "all.toml"), toml_document(register).encode())
        for function in self.files:
            function(folder)
