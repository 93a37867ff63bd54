"""Hand-made worlds about the shape of lists and registers: encodings, headers, rows, identities, templates."""
import datetime as dt
import importlib.util
import os

from build import World, csv_text, write_bytes, write_csv, write_ods, write_xls, write_xlsx
from worlds_boundary import NOW, base, list_world, numbered, remember, with_memo

KEEP = {"for": "1 year", "from": "at"}
FIELDS = {"id": "番号", "at": {"column": ["開催日", "取得日"], "format": "japanese"}, "email": ["メールアドレス", "E-mail"]}
HEADER = ["番号", "開催日", "メールアドレス"]
ROWS = [["1", "R6.4.1", "canary.one@example.com"], ["2", "2027/1/1", "canary.two@example.com"], ["3", "2020年1月1日", "canary.three@example.com"],
        ["4", "?", "canary.four@example.com"]]
EXPECT = {"retention:expired": 2, "retention:undated": 1}


def files_world(name, files, expect, fields=None, pattern="*.csv", source=None, now=NOW, **dataset):
    """files: name -> bytes, or a function of the path."""
    world = base(name, now=now)
    world.root("lists")
    world.dataset("d", {"root": "lists", "files": pattern, "items": "rows", "fields": fields or FIELDS, **(source or {})}, ["p"],
                  **{"warn": [], "keep": KEEP, **dataset})

    def write(folder):
        for one, content in files.items():
            path = os.path.join(folder, "data/lists", one)
            content(path) if callable(content) else write_bytes(path, content)
    world.file(write)
    world.canaries |= {row[2] for row in ROWS} | {one for one in files if "CANARY" in one}
    world.expect[0] = {"d": expect}
    return world


def text_bytes(rows, encoding="utf-8", **more):
    return csv_text(rows, **more).encode(encoding)


def encoding_worlds():
    table = [HEADER] + ROWS
    difficult = [HEADER + ["氏名"]] + [row + [memo] for row, memo in zip(ROWS, ["ソ表能十予", "髙橋①㈱", "ｶﾅ ～－∥", "ｿ\\|"])]
    for name, data in {
        "utf8": text_bytes(difficult), "utf8-bom": b"\xef\xbb\xbf" + text_bytes(difficult), "cp932": text_bytes(difficult, "cp932"),
        "utf16-le-bom": text_bytes(difficult, "utf-16"), "utf16-be-bom": b"\xfe\xff" + text_bytes(difficult, "utf-16-be"),
        "lf": text_bytes(difficult, newline="\n"), "no-last-newline": text_bytes(difficult)[:-2],
    }.items():
        yield files_world(f"encoding-{name}", {"CANARYd.csv": data}, {**EXPECT, "items": 4, "undecidable": 1, "status": "complete"})
    yield files_world("encoding-declared-cp932", {"CANARYd.csv": text_bytes(difficult, "cp932")}, EXPECT, source={"encoding": "cp932"})
    yield files_world("encoding-mixed-files", {"CANARYa.csv": text_bytes(table, "cp932"), "CANARYb.csv": text_bytes(table),
                                               "CANARYc.csv": text_bytes(table, "utf-16")},
                      {"retention:expired": 6, "retention:undated": 3, "items": 12})
    ascii_table = [["id", "at"], ["1", "2020-01-01"], ["2", "2027-01-01"]]
    yield files_world("encoding-ascii", {"CANARYd.csv": text_bytes(ascii_table)}, {"retention:expired": 1}, fields={"id": "id", "at": "at"})
    yield files_world("tsv", {"CANARYd.tsv": text_bytes(difficult, delimiter="\t"), "CANARYe.tsv": text_bytes(difficult, "utf-16", delimiter="\t")},
                      {"retention:expired": 4, "retention:undated": 2, "items": 8}, pattern="*.tsv")


def shape_worlds():
    quoted = [HEADER + ["備考"]] + [row + [memo] for row, memo in zip(ROWS, ['一行目\n二行目', 'a,"b",c', '"', "\r\nx"])]
    yield files_world("quoted-newlines", {"CANARYd.csv": text_bytes(quoted), "CANARYe.csv": text_bytes(quoted, "cp932")},
                      {"retention:expired": 4, "retention:undated": 2, "items": 8})
    reordered = [["メモ", "E-mail", "取得日", "番号"]] + [["x", row[2], row[1], row[0]] for row in ROWS]
    yield files_world("reordered-and-synonyms", {"CANARYa.csv": text_bytes([HEADER] + ROWS), "CANARYb.csv": text_bytes(reordered, "cp932")},
                      {"retention:expired": 4, "retention:undated": 2, "items": 8})
    two = [HEADER + ["E-mail"]] + [row + [row[2]] for row in ROWS]
    yield files_world("two-synonyms", {"CANARYa.csv": text_bytes([HEADER] + ROWS), "CANARYb.csv": text_bytes(two)},
                      {**EXPECT, "source:partial": 0, "items": 4, "status": "partial", "undecidable": 1})
    none = [["番号", "開催日", "住所"]] + ROWS
    yield files_world("no-synonym", {"CANARYa.csv": text_bytes([HEADER] + ROWS), "CANARYb.csv": text_bytes(none)},
                      {**EXPECT, "source:partial": 0, "items": 4, "status": "partial", "undecidable": 1})
    same = [["番号", "開催日", "メールアドレス", "メールアドレス"]] + [row + [row[2]] for row in ROWS]
    yield files_world("same-header-twice", {"CANARYa.csv": text_bytes([HEADER] + ROWS), "CANARYb.csv": text_bytes(same)},
                      {**EXPECT, "source:partial": 0, "items": 4, "status": "partial", "undecidable": 1})
    unmapped = [HEADER + ["備考", "備考", ""]] + [row + ["x", "y", ""] for row in ROWS]
    yield files_world("unmapped-header-twice", {"CANARYa.csv": text_bytes(unmapped)}, {**EXPECT, "items": 4, "status": "complete"})
    yield files_world("header-again-below", {"CANARYa.csv": text_bytes([HEADER] + ROWS + [HEADER] + [["5", "R6.4.1", "x@example.com"]])},
                      {"retention:expired": 3, "retention:undated": 2, "items": 6})
    ragged = csv_text([HEADER] + ROWS) + "5,R6.4.1\r\n6,R6.4.1,a@example.com,extra\r\n7,R6.4.1,b@example.com,,\r\n,,\r\n\r\n8,R6.4.1,\r\n,,,,\r\n合計,,\r\n9\r\n"
    yield files_world("ragged-rows", {"CANARYd.csv": ragged.encode()},
                      {"retention:expired": 4, "retention:undated": 2, "source:unreadable": 3, "items": 10, "undecidable": 5, "status": "complete"})
    titled = "名簿\r\n" + "作成,2027/1/1\r\n" + csv_text([HEADER] + ROWS)
    yield files_world("title-rows-found", {"CANARYd.csv": titled.encode("cp932")}, {**EXPECT, "items": 4})
    yield files_world("title-rows-declared", {"CANARYd.csv": titled.encode("cp932")}, {**EXPECT, "items": 4}, source={"header_row": 3})
    blank = "名簿\r\n\r\n" + csv_text([HEADER] + ROWS)
    yield files_world("header-row-after-blank", {"CANARYd.csv": blank.encode("cp932")}, {**EXPECT, "items": 4}, source={"header_row": 3})
    yield files_world("header-only", {"CANARYd.csv": text_bytes([HEADER])}, {"items": 0, "status": "complete"})
    yield files_world("header-trailing-empty", {"CANARYd.csv": text_bytes([HEADER + ["", ""]] + [row + ["", ""] for row in ROWS] + [["5", "R6.4.1", "x@example.com"]])},
                      {"retention:expired": 3, "retention:undated": 1, "items": 5})
    yield files_world("value-field", {"CANARYd.csv": text_bytes([HEADER] + ROWS)}, {**EXPECT, "purpose:outside": 4},
                      fields={**FIELDS, "purpose": {"value": "q"}})
    # Workbooks
    rows = [["番号", "開催日", "メールアドレス"], [1, dt.date(2024, 4, 1), "canary.one@example.com"], [2, "令和9年1月1日", "canary.two@example.com"],
            [3, 43831, "canary.three@example.com"], [None, None, None], [4, "?", "canary.four@example.com"], ["合計", None, None], [6, dt.date(2020, 1, 1)],
            [7, dt.date(2020, 1, 1), "canary.seven@example.com", "extra"], [8, 20200101, "x@example.com"]]
    yield files_world("xlsx-shape", {"CANARYd.xlsx": lambda path: write_xlsx(path, rows)},
                      {"retention:expired": 4, "retention:undated": 2, "source:unreadable": 1, "items": 8, "undecidable": 3}, pattern="*.xlsx", source={"sheet": "名簿"})
    yield files_world("xlsx-other-sheets", {"CANARYd.xlsx": lambda path: write_xlsx(path, rows[:4], other_sheets=("表紙", "控え"))},
                      {"retention:expired": 2, "items": 3}, pattern="*.xlsx", source={"sheet": "名簿"})
    yield files_world("xlsx-missing-sheet", {"CANARYd.xlsx": lambda path: write_xlsx(path, rows[:4], sheet="別"),
                                             "CANARYe.xlsx": lambda path: write_xlsx(path, rows[:4])},
                      {"retention:expired": 2, "source:partial": 0, "items": 3, "status": "partial"}, pattern="*.xlsx", source={"sheet": "名簿"})
    titled_rows = [["名簿"], [None, "2027年"], []] + rows[:4]
    yield files_world("xlsx-title-rows", {"CANARYd.xlsx": lambda path: write_xlsx(path, titled_rows)}, {"retention:expired": 2, "items": 3},
                      pattern="*.xlsx", source={"sheet": "名簿"})
    yield files_world("xlsx-header-row", {"CANARYd.xlsx": lambda path: write_xlsx(path, titled_rows)}, {"retention:expired": 2, "items": 3},
                      pattern="*.xlsx", source={"sheet": "名簿", "header_row": 4})
    yield files_world("csv-and-xlsx", {"CANARYd.xlsx": lambda path: write_xlsx(path, rows[:4]), "CANARYe.csv": text_bytes([HEADER] + ROWS, "cp932")},
                      {"retention:expired": 4, "retention:undated": 1, "items": 7}, pattern=["*.xlsx", "*.csv"])
    yield files_world("exclude-lock-files", {"a/CANARYd.csv": text_bytes([HEADER] + ROWS), "~$CANARY.csv": text_bytes([HEADER] + ROWS), "old/CANARYx.csv": text_bytes([HEADER] + ROWS)},
                      EXPECT, pattern="**/*.csv", source={"exclude": ["**/~$*", "old/**"]})


def old_workbook_worlds():
    """XLS and ODS, where the writers are installed."""
    rows = [["番号", "開催日", "メールアドレス"], [1, dt.date(2024, 4, 1), "canary.one@example.com"], [2, "令和9年1月1日", "canary.two@example.com"],
            [3, 43831, "canary.three@example.com"], [None, None, None], [4, "?", "canary.four@example.com"], ["合計", None, None],
            [6, dt.datetime(2026, 2, 28, 11, 0), "canary.six@example.com"], [7, dt.datetime(2026, 2, 28, 13, 0), "canary.seven@example.com"],
            [8, dt.date(2020, 1, 1), "canary.eight@example.com", "extra"]]
    for extension, module, writer in (("xls", "xlwt", write_xls), ("ods", "odf", write_ods)):
        if importlib.util.find_spec(module):
            world = files_world(f"workbook-{extension}", {f"CANARYd.{extension}": lambda path, writer=writer: writer(path, rows)},
                                {"retention:expired": 3, "retention:undated": 2, "source:unreadable": 1, "items": 8},
                                pattern=f"*.{extension}", source={"sheet": "名簿"})
            world.file(lambda folder, extension=extension: write_xlsx(os.path.join(folder, "twins", f"CANARYd.{extension}.xlsx"), rows))
            yield world


def identity_worlds():
    duplicates = [HEADER, ROWS[0], ROWS[0], ROWS[0], ROWS[1], ROWS[2]]
    world = files_world("duplicates", {"CANARYd.csv": text_bytes(duplicates)}, {"retention:expired": (4, 4, 0, 0), "items": 5})
    world.steps += [("scan", "2027-03-01T12:00:00+09:00"),
                    ("change", lambda folder: write_csv(os.path.join(folder, "data/lists/CANARYd.csv"), [HEADER, ROWS[0], ROWS[0], ROWS[1], ROWS[2]])),
                    ("scan", "2027-03-02T12:00:00+09:00")]
    world.expect[1] = {"d": {"retention:expired": (4, 0, 4, 0)}}
    world.expect[2] = {"d": {"retention:expired": (3, 0, 3, 1), "items": 4}}
    yield world
    # The n of a repeat counts rows, not flagged rows: the first row falls due later than the second.
    late = [HEADER, ["1", "2026-02-28", ROWS[0][2]], ["1", "2020-01-01", ROWS[0][2]], ["2", "2027-01-01", ROWS[1][2]]]
    world = files_world("duplicates-fall-due-in-turn", {"CANARYd.csv": text_bytes(late)}, {"retention:expired": (1, 1, 0, 0)})
    world.steps += [("scan", "2027-03-01T12:00:00+09:00")]
    world.expect[1] = {"d": {"retention:expired": (2, 1, 1, 0)}}
    yield world
    late = [HEADER + ["用途"], ["1", "2026-02-28", ROWS[0][2], "p"], ["1", "2027-01-01", ROWS[0][2], "q"]]
    world = files_world("duplicates-outside-stays", {"CANARYd.csv": text_bytes(late)}, {"purpose:outside": (1, 1, 0, 0)},
                        fields={**FIELDS, "purpose": "用途"})
    world.steps += [("scan", "2027-03-01T12:00:00+09:00")]
    world.expect[1] = {"d": {"retention:expired": (1, 1, 0, 0), "purpose:outside": (1, 0, 1, 0)}}
    yield world
    world = files_world("identity-all-fields", {"CANARYd.csv": text_bytes([["開催日", "E-mail"], ["R6.4.1", "a.canary@example.com"], ["R6.4.1", "b.canary@example.com"]])},
                        {"retention:expired": (2, 2, 0, 0)}, fields={"at": FIELDS["at"], "email": FIELDS["email"]})
    world.steps += [("change", lambda folder: write_csv(os.path.join(folder, "data/lists/CANARYd.csv"),
                                                         [["E-mail", "開催日"], ["b.canary@example.com", "R6.4.1"], ["c.canary@example.com", "R6.4.1"]])),
                    ("scan", "2027-03-02T12:00:00+09:00")]
    world.expect[1] = {"d": {"retention:expired": (2, 1, 1, 1)}}
    yield world
    world = files_world("identity-file-and-id", {"CANARYa.csv": text_bytes([HEADER, ROWS[0]]), "CANARYb.csv": text_bytes([HEADER, ROWS[0]])},
                        {"retention:expired": (2, 2, 0, 0)}, source={"identity": ["file", "id"]})
    world.steps += [("change", lambda folder: write_csv(os.path.join(folder, "data/lists/CANARYb.csv"), [HEADER, ["9", "R6.4.1", "x.canary@example.com"]])),
                    ("scan", "2027-03-02T12:00:00+09:00")]
    world.expect[1] = {"d": {"retention:expired": (2, 1, 1, 1)}}
    yield world
    world = files_world("identity-by-email", {"CANARYa.csv": text_bytes([HEADER, ROWS[0], ROWS[2]])}, {"retention:expired": (2, 2, 0, 0)},
                        source={"identity": ["file", "email"]})
    world.steps += [("change", lambda folder: write_csv(os.path.join(folder, "data/lists/CANARYa.csv"), [HEADER, ["77", *ROWS[2][1:]], ["78", *ROWS[0][1:]]])),
                    ("scan", "2027-03-02T12:00:00+09:00")]
    world.expect[1] = {"d": {"retention:expired": (2, 0, 2, 0)}}
    yield world


def register_worlds():
    world = base("templates-and-defaults")
    world.root("lists")
    world.register["defaults"] = {"warn": ["60 days"]}
    world.register["templates"]["list"] = {
        "category": "general", "keep": {"for": "2 years", "from": "at"}, "warn": ["30 days"],
        "source": {"root": "lists", "items": "rows", "fields": {"id": "id", "at": "at"}}}
    common = {"division": "division-a", "purposes": ["p"], "schedule": "0 3 * * *"}
    world.register["datasets"] = {
        "plain": {**common, "name": {"ja": "a", "en": "a"}, "category": "general", "keep": KEEP,
                  "source": {"root": "lists", "files": "a.csv", "items": "rows", "fields": {"id": "id", "at": "at"}}},
        "from-template": {**common, "name": {"ja": "b", "en": "b"}, "template": "list", "source": {"files": "a.csv"}},
        "keep-replaced": {**common, "name": {"ja": "c", "en": "c"}, "template": "list", "keep": KEEP, "source": {"files": "a.csv"}},
        "no-warning": {**common, "name": {"ja": "d", "en": "d"}, "template": "list", "warn": [], "source": {"files": "a.csv"}},
        "fields-merged": {**common, "name": {"ja": "e", "en": "e"}, "template": "list", "source": {"files": "b.csv", "fields": {"at": {"column": "day", "format": "japanese"}}}},
    }
    dates = ["2025-02-28T12:00:00", "2025-03-30T12:00:00", "2025-03-30T12:00:01", "2026-02-28T12:00:00", "2026-03-30T12:00:00", "2026-03-30T12:00:01", "2026-04-29T12:00:00", "2026-04-29T12:00:01"]
    world.file(lambda folder: write_csv(os.path.join(folder, "data/lists/a.csv"), with_memo(["id", "at"], numbered(dates))))
    world.file(lambda folder: write_csv(os.path.join(folder, "data/lists/b.csv"), with_memo(["id", "day"], numbered(["R6.4.1", "R9.1.1"]))))
    world.expect[0] = {"plain": {"retention:expired": 4, "retention:due-soon": 3}, "from-template": {"retention:expired": 1, "retention:due-soon": 1},
                       "keep-replaced": {"retention:expired": 4, "retention:due-soon": 1}, "no-warning": {"retention:expired": 1}, "fields-merged": {"retention:expired": 1}}
    yield world

    world = base("provenance-incomplete")
    world.root("lists")
    world.register["categories"]["general"]["require_provenance"] = ["supplier", "address"]
    source = {"root": "lists", "files": "a.csv", "items": "rows", "fields": {"id": "id"}}
    world.dataset("complete", source, ["p"], provenance={"supplier": "S", "address": "Tokyo"})
    world.dataset("lacking", source, ["p"], provenance={"supplier": "S"})
    world.dataset("none", source, ["p"])
    world.dataset("blank", source, ["p"], provenance={"supplier": "S", "address": ""})
    world.file(lambda folder: write_csv(os.path.join(folder, "data/lists/a.csv"), with_memo(["id"], [["1"], ["2"], ["3"]])))
    world.expect[0] = {"complete": {}, "lacking": {"provenance:incomplete": 3}, "none": {"provenance:incomplete": 3}, "blank": {"provenance:incomplete": 3}}
    yield world

    world = base("sites")
    world.root("lists")
    world.server["service"]["site"] = "osaka"
    for name, site in (("here", "osaka"), ("elsewhere", "sapporo"), ("anywhere", None)):
        world.dataset(name, source, ["p"], keep={"for": "1 year", "from": "at"}, **({"site": site} if site else {}))
        world.register["datasets"][name]["source"] = {**source, "fields": {"id": "id", "at": "at"}}
    world.file(lambda folder: write_csv(os.path.join(folder, "data/lists/a.csv"), with_memo(["id", "at"], [["1", "2020-01-01"]])))
    world.expect[0] = {"here": {"retention:expired": 1}, "anywhere": {"retention:expired": 1}}
    yield world

    world = base("named-datasets-only", now=None)
    world.root("lists")
    for name in ("a", "b", "c"):
        world.dataset(name, {**source, "fields": {"id": "id", "at": "at"}}, ["p"], warn=[], keep=KEEP)
    world.file(lambda folder: write_csv(os.path.join(folder, "data/lists/a.csv"), with_memo(["id", "at"], [["1", "2020-01-01"], ["2", "2026-03-01"]])))
    world.steps = [("scan", NOW, ["b"]), ("scan", NOW, ["a", "c"]), ("scan", "2027-03-02T12:00:00+09:00")]
    one, two = {"retention:expired": (1, 1, 0, 0)}, {"retention:expired": (2, 1, 1, 0)}
    world.expect = {0: {"b": one}, 1: {"a": one, "c": one}, 2: {"a": two, "b": two, "c": two}}
    yield world

    world = base("shared-source")
    world.root("lists")
    world.register["sources"]["common"] = {"root": "lists", "files": "a.csv", "items": "rows", "fields": {"id": "id", "at": "at"}}
    world.dataset("by-name", None, ["p"], sources={"items": "common"}, keep=KEEP, warn=[])
    world.file(lambda folder: write_csv(os.path.join(folder, "data/lists/a.csv"), with_memo(["id", "at"], [["1", "2020-01-01"], ["2", "2027-01-01"]])))
    world.expect[0] = {"by-name": {"retention:expired": 1}}
    yield world


def find_worlds():
    yield from encoding_worlds()
    yield from shape_worlds()
    yield from old_workbook_worlds()
    yield from identity_worlds()
    yield from register_worlds()
