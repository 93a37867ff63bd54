"""Reading sources, one plain way per kind: os.walk, the csv module, openpyxl, sqlite3.

Nothing is judged here. A `Part` says whether it was read whole; an `Item` holds raw values per field.
"""
import csv
import io
import os
import re
import shutil
import sqlite3
import tempfile
import unicodedata

import openpyxl

from settings import as_list

HEADER_SEARCH_ROWS = 20


class Item:
    def __init__(self, values, identity, readable=True, epoch_1904=False, workbook=False, label=""):
        self.values = values
        self.identity = identity
        self.readable = readable
        self.epoch_1904 = epoch_1904
        self.workbook = workbook
        self.label = label


class Part:
    def __init__(self, name):
        self.name = name
        self.items = []
        self.whole = True


class Reading:
    """status: ok, unreachable, or no-match (no file matched)."""

    def __init__(self, status, parts=()):
        self.status = status
        self.parts = list(parts)


def read_source(settings, source):
    if "connection" in source:
        return read_table(settings, source)
    root = settings.root(source["root"])
    if not os.path.isdir(root):
        return Reading("unreachable")
    paths = matching_files(root, as_list(source.get("files", "**")), as_list(source.get("exclude")))
    if source.get("items") == "files":
        return read_folder(source, root, paths)
    if not paths:
        return Reading("no-match")
    return Reading("ok", [read_list(settings, source, root, path) for path in paths])


# --- folders ----------------------------------------------------------------------------------

def glob_regex(pattern):
    out, index = "", 0
    while index < len(pattern):
        if pattern.startswith("**/", index):
            out, index = out + "(?:[^/]+/)*", index + 3
        elif pattern.startswith("**", index):
            out, index = out + ".*", index + 2
        elif pattern[index] == "*":
            out, index = out + "[^/]*", index + 1
        elif pattern[index] == "?":
            out, index = out + "[^/]", index + 1
        else:
            out, index = out + re.escape(pattern[index]), index + 1
    return re.compile(out + r"\Z")


def matching_files(root, patterns, excludes):
    wanted = [glob_regex(pattern) for pattern in patterns]
    unwanted = [glob_regex(pattern) for pattern in excludes]
    found = []
    for folder, _, names in os.walk(root):
        for name in names:
            full = os.path.join(folder, name)
            if os.path.islink(full) or not os.path.isfile(full):
                continue
            relative = os.path.relpath(full, root)
            if any(one.match(relative) for one in wanted) and not any(one.match(relative) for one in unwanted):
                found.append(relative)
    return sorted(found)


def last_match(pattern, text):
    """The last match, where a match may begin right after what the one before captured."""
    regex, position, last = re.compile(pattern), 0, None
    while True:
        match = regex.search(text, position)
        if not match:
            return last
        last = match
        captured_end = match.end(regex.groups) if regex.groups and match.end(regex.groups) > 0 else match.end()
        position = max(captured_end, match.start() + 1)


def pattern_value(definition, relative):
    text = os.path.basename(relative) if "name" in definition else relative
    match = last_match(definition.get("name") or definition["path"], text)
    if not match:
        return None
    return " ".join(group for group in match.groups() if group is not None) or match.group(0)


def read_folder(source, root, paths):
    part = Part(source["root"])
    for relative in paths:
        values = {}
        for field, definition in source.get("fields", {}).items():
            if definition.get("file_time"):
                values[field] = ("mtime", os.stat(os.path.join(root, relative)).st_mtime_ns)
            elif "value" in definition:
                values[field] = definition["value"]
            else:
                values[field] = pattern_value(definition, relative)
        part.items.append(Item(values, (relative,), label=relative))
    return Reading("ok" if paths else "no-match", [part])


# --- lists ------------------------------------------------------------------------------------

def columns_of(definition):
    """The column's synonyms, or None where the field does not come from a column."""
    if isinstance(definition, (str, list)):
        return as_list(definition)
    if "column" in definition:
        return as_list(definition["column"])
    return None


def decode(data, declared):
    if data.startswith(b"\xff\xfe") or data.startswith(b"\xfe\xff"):
        return data.decode("utf-16")
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig")
    if declared:
        return data.decode(declared)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp932")


def read_list(settings, source, root, relative):
    full = os.path.join(root, relative)
    epoch_1904 = False
    if relative.lower().endswith((".xls", ".ods")):  # the oracle reads the same cells from an XLSX twin
        full = os.path.join(settings.folder, "twins", os.path.basename(relative) + ".xlsx")
    if full.lower().endswith(".xlsx"):
        book = openpyxl.load_workbook(full, data_only=True)
        epoch_1904 = book.epoch == openpyxl.utils.datetime.CALENDAR_MAC_1904
        if "sheet" in source and source["sheet"] not in book.sheetnames:
            part = Part(relative)
            part.whole = False
            return part
        sheet = book[source["sheet"]] if "sheet" in source else book.worksheets[0]
        rows, workbook = [list(row) for row in sheet.iter_rows(values_only=True)], True
    else:
        with open(full, "rb") as file:
            text = decode(file.read(), source.get("encoding"))
        delimiter = "\t" if relative.lower().endswith((".tsv", ".txt")) else ","
        rows, workbook = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)), False
    return rows_to_part(source, relative, rows, workbook, epoch_1904)


def is_blank(cell):
    return cell is None or (isinstance(cell, str) and not cell.strip())


def header_text(cell):
    return "" if cell is None else str(cell).strip()


def bind(source, row):
    """field -> column index, or None when the row is not a right header."""
    names, bound = [header_text(cell) for cell in row], {}
    for field, definition in source["fields"].items():
        wanted = columns_of(definition)
        if wanted is None:
            continue
        present = [index for index, name in enumerate(names) if name in wanted]
        if len(present) != 1:
            return None
        bound[field] = present[0]
    return bound


def rows_to_part(source, name, rows, workbook, epoch_1904):
    part = Part(name)
    if "header_row" in source:
        candidates = [source["header_row"] - 1]
    else:
        candidates = range(min(HEADER_SEARCH_ROWS, len(rows)))
    header, bound = None, None
    for index in candidates:
        bound = bind(source, rows[index]) if index < len(rows) else None
        if bound is not None:
            header = index
            break
    if header is None:
        part.whole = False
        return part
    width = len(rows[header])
    while width and is_blank(rows[header][width - 1]):
        width -= 1
    for index in range(header + 1, len(rows)):
        row = rows[index]
        if all(is_blank(cell) for cell in row):
            continue
        extra = any(not is_blank(cell) for cell in row[width:])
        if extra or (not workbook and len(row) < width):
            part.items.append(Item({}, ("unreadable", str(row)), readable=False, label=f"row {index + 1}"))
            continue
        cells = list(row) + [None] * (width - len(row))
        values = {field: cells[column] for field, column in bound.items()}
        add_row(part, source, values, workbook=workbook, epoch_1904=epoch_1904, label=f"{name} row {index + 1}")
    return part


def add_row(part, source, values, **more):
    for field, definition in source["fields"].items():
        if isinstance(definition, dict) and "value" in definition:
            values[field] = definition["value"]
    chosen = as_list(source.get("identity"))
    if not chosen:
        chosen = ["file"] + (["id"] if "id" in source["fields"] else sorted(source["fields"]))
    identity = tuple(part.name if one == "file" else as_text(values.get(one)) for one in chosen)
    part.items.append(Item(values, identity, **more))


def as_text(value):
    """A cell as the text that a person would have typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value).strip()


def folded_text(value):
    return unicodedata.normalize("NFKC", as_text(value)).strip()


# --- tables -----------------------------------------------------------------------------------

def read_table(settings, source):
    path = settings.connection(source["connection"])
    if not os.path.isfile(path):
        return Reading("unreachable")
    query = source.get("query") or 'SELECT * FROM "%s"' % source["table"]
    with tempfile.TemporaryDirectory() as folder:  # a copy: the source is not even locked
        copy = os.path.join(folder, "copy.db")
        for suffix in ("", "-wal"):
            if os.path.exists(path + suffix):
                shutil.copy(path + suffix, copy + suffix)
        database = sqlite3.connect(copy)
        try:
            cursor = database.execute(query)
            names = [column[0] for column in cursor.description]
            rows = cursor.fetchall()
        except sqlite3.DatabaseError:
            return Reading("unreachable")
        finally:
            database.close()
    part = Part(source.get("table", "query"))
    for number, row in enumerate(rows):
        record = dict(zip(names, row))
        values = {}
        for field, definition in source["fields"].items():
            wanted = columns_of(definition)
            if wanted:
                values[field] = next((record[name] for name in wanted if name in record), None)
        add_row(part, source, values, label=f"row {number + 1}")
    return Reading("ok", [part])
