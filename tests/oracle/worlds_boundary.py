"""Hand-made worlds, about one per sentence of the contract's semantics, with answers computed by hand."""
import datetime as dt
import os
import re
import shutil

from build import World, csv_text, write_bytes, write_csv, write_sqlite, write_xlsx

NOW = "2027-02-28T12:00:00+09:00"
MEMO = "氏名"


def remember(world, rows):
    """Cells that must never leave the source."""
    for row in rows:
        for cell in row:
            text = str(cell)
            if "@" in text or "CANARY" in text or len(re.sub(r"\D", "", text)) >= 10 and "-" in text:
                if len(text) > 7 and not re.match(r"^\d{4}-", text):
                    world.canaries.add(text)


def with_memo(header, rows):
    return [list(header) + [MEMO]] + [list(row) + [f"金糸雀CANARY{number:04d}"] for number, row in enumerate(rows)]


def base(name, purposes=(("p", "notice"),), now=NOW):
    world = World(name)
    for purpose in purposes:
        world.purpose(purpose[0], purpose[1], purpose[2] if len(purpose) > 2 else ())
    world.category("general", [purpose[0] for purpose in purposes])
    if now:
        world.steps.append(("scan", now))
    return world


def list_world(name, fields, rows, expect=None, purposes=(("p", "notice"),), now=NOW, used=None, source=None,
               encoding="utf-8", header=None, extra=None, **dataset):
    """One CSV list `data/lists/d.csv` whose header is the fields' columns in order."""
    world = base(name, purposes, now)
    world.root("lists")
    columns = header or [definition if isinstance(definition, str) else definition["column"]
                         for definition in fields.values()]
    table = with_memo(columns, rows)
    remember(world, table)
    world.dataset("d", {"root": "lists", "files": "d.csv", "items": "rows", "fields": fields, **(source or {})},
                  used or [purpose[0] for purpose in purposes], warn=dataset.pop("warn", []), **dataset)
    world.file(lambda folder: write_csv(os.path.join(folder, "data/lists/d.csv"), table, encoding))
    if expect is not None:
        world.expect[0] = {"d": expect}
    return world


def numbered(values):
    return [(f"CANARY-id-{number}", *(value if isinstance(value, tuple) else (value,)))
            for number, value in enumerate(values)]


TIME = {"id": "id", "at": "at"}


def retention_worlds():
    yield list_world("due-instant-clamped", TIME, numbered([
        "2026-08-31T12:00:00", "2026-08-28T12:00:00", "2026-08-28T12:00:01", "2026-08-29T12:00:00",
        "2026-08-30T12:00:01", "2026-08-31T12:00:01", "2026-08-31T11:59:59", "2026-09-01T00:00:00",
        "2026-08-31 03:00:00Z", "2026-08-31T03:00:01Z", "2026-08-31T12:00:00+09:00"]),
        {"retention:expired": (6, "2027-02-28T11:59:59+09:00")}, keep={"for": "6 months", "from": "at"})
    days = numbered(["2026-08-26", "2026-08-27", "2026-08-28", "2026-08-29", "2026-08-31", "2026-09-01"])
    world = list_world("due-day-ended", TIME, days, {"retention:expired": (2, "2027-02-27T00:00:00+09:00")},
                       keep={"for": "6 months", "from": "at"})
    world.steps += [("scan", "2027-02-28T23:59:59+09:00"), ("scan", "2027-03-01T00:00:00+09:00"),
                    ("scan", "2027-03-02T00:00:00+09:00")]
    world.expect[1] = {"d": {"retention:expired": (2, 0, 2, 0)}}
    world.expect[2] = {"d": {"retention:expired": (5, 3, 2, 0)}}
    world.expect[3] = {"d": {"retention:expired": (6, 1, 5, 0)}}
    yield world
    world = list_world("leap-day", TIME, numbered(["2024-02-29T10:00:00", "2024-02-29", "2024-03-01", "2024-02-28"]),
                       {"retention:expired": 1}, now="2025-02-28T10:00:00+09:00", keep={"for": "1 year", "from": "at"})
    world.steps += [("scan", "2025-03-01T00:00:00+09:00")]
    world.expect[1] = {"d": {"retention:expired": 3}}
    yield world
    yield list_world("leap-day-four-years", TIME, numbered(["2024-02-29", "2024-02-29T12:00:00", "2024-02-29T12:00:01"]),
                     {"retention:expired": 1}, now="2028-02-29T12:00:00+09:00", keep={"for": "4 years", "from": "at"})
    yield list_world("mixed-period", TIME, numbered(["2025-08-21T12:00:00", "2025-08-21T12:00:01", "2025-08-20", "2025-08-21"]),
                     {"retention:expired": 2}, now="2027-02-28T12:00:00+09:00",
                     keep={"for": "1 year 6 months 7 days", "from": "at"})
    world = list_world("fiscal-year-end", {"id": "id", "at": {"column": "at", "format": "%Y/%m/%d"}},
                       numbered(["2025/03/31", "2025/04/01", "2026/02/01", "2026/03/31", "2026/04/01", "2025/3/1"]),
                       {"retention:expired": (2, "2026-04-01T00:00:00+09:00")}, now="2027-03-31T23:59:59+09:00",
                       keep={"for": "1 year", "from": "at", "until_end_of": "fiscal-year"})
    world.steps.append(("scan", "2027-04-01T00:00:00+09:00"))
    world.expect[1] = {"d": {"retention:expired": (5, 3, 2, 0)}}
    yield world
    world = list_world("fiscal-year-instant", TIME,
                       numbered(["2025-03-31T23:59:59", "2025-04-01T00:00:00", "2025-03-31T15:00:00Z", "2025-03-31T14:59:59Z"]),
                       {"retention:expired": 2}, now="2026-04-01T00:00:00+09:00",
                       keep={"for": "1 year", "from": "at", "until_end_of": "fiscal-year"})
    yield world
    world = list_world("fiscal-year-october", TIME, numbered(["2025-09-30", "2025-10-01", "2024-12-31", "2026-09-30"]),
                       {"retention:expired": (2, "2026-10-01T00:00:00+09:00")}, now="2027-09-30T23:59:59+09:00",
                       keep={"for": "1 year", "from": "at", "until_end_of": "fiscal-year"})
    world.register["organisation"]["fiscal_year_starts"] = "10-01"
    world.expect[0]["d"]["retention:expired"] = (2, "2026-10-01T00:00:00+09:00")
    yield world
    world = list_world("fiscal-warn", TIME, numbered(["2025-06-01", "2026-06-01"]), {"retention:due-soon": 1},
                       now="2027-03-02T00:00:00+09:00", warn=["7 days", "30 days"],
                       keep={"for": "1 year", "from": "at", "until_end_of": "fiscal-year"})
    yield world
    # Civil code: 28 Feb 2023 (day 1 = 1 Mar) + 1 year ends with 29 Feb 2024; the plain rule ends with 28 Feb.
    world = list_world("civil-code", TIME, numbered(["2023-02-28", "2023-02-28T10:00:00", "2023-02-27", "2023-02-27T23:59:59"]),
                       {"retention:expired": 2}, now="2024-02-29T23:59:59+09:00",
                       keep={"for": "1 year", "from": "at", "count": "civil-code"})
    world.steps.append(("scan", "2024-03-01T00:00:00+09:00"))
    world.expect[1] = {"d": {"retention:expired": 4}}
    yield world
    # 30 Aug 2024: counting from 31 Aug, no 31 Feb: ends with 28 Feb 2025. 31 Aug: from 1 Sep, ends with 28 Feb.
    world = list_world("civil-code-no-corresponding-day", TIME,
                       numbered(["2024-08-30T10:00:00", "2024-08-31T10:00:00", "2024-08-27T10:00:00", "2024-08-28T10:00:00"]),
                       {"retention:expired": 1}, now="2025-02-28T23:59:59+09:00",
                       keep={"for": "6 months", "from": "at", "count": "civil-code"})
    world.steps.append(("scan", "2025-03-01T00:00:00+09:00"))
    world.expect[1] = {"d": {"retention:expired": 4}}
    yield world
    yield list_world("civil-code-days", TIME, numbered(["2027-02-17T11:00:00", "2027-02-18T11:00:00", "2027-02-18", "2027-02-17"]),
                     {"retention:expired": (2, "2027-02-28T00:00:00+09:00")}, keep={"for": "10 days", "from": "at", "count": "civil-code"})
    yield list_world("must-keep", {"id": "id", "at": "at", "made": "made_at"}, numbered([
        ("2025-01-01", "2025-01-01"), ("2025-01-01", "2024-02-27"), ("2025-01-01", "2024-02-28"),
        ("2025-01-01", ""), ("2026-12-01", ""), ("2025-01-01", "?"), ("2026-12-01", "2026-12-01")]),
        {"retention:must-keep": 2, "retention:expired": 1, "retention:undated": 2},
        keep={"for": "1 year", "from": "at"}, keep_at_least={"for": "3 years", "from": "made", "basis": "APPI Art. 29"})
    yield list_world("must-keep-boundary", {"id": "id", "at": "at"}, numbered(["2026-02-28T12:00:00", "2025-02-28T12:00:01", "2025-02-28T12:00:00"]),
                     {"retention:must-keep": 2, "retention:expired": (1, "2025-08-28T12:00:00+09:00")},
                     keep={"for": "6 months", "from": "at"}, keep_at_least={"for": "2 years", "from": "at"})
    yield list_world("several-keep", {"id": "id", "at": "at", "camera": "camera"}, numbered([
        ("2026-12-01", "vault-1"), ("2026-12-01", "lobby"), ("2026-11-28", "vault-2"), ("2026-11-29", "vault-2"),
        ("2026-11-30", "vault-2"), ("2026-12-01", "safe"), ("2026-12-01", "safe-2"), ("2027-01-28", "lobby"), ("2027-01-29", "lobby"),
        ("2026-12-01", "old-vault-1")]),
        {"retention:expired": 6},
        keep=[{"where": {"camera": ["vault-*", "safe"]}, "for": "90 days", "from": "at"}, {"for": "30 days", "from": "at"}])
    yield list_world("keep-without-match", {"id": "id", "at": "at", "kind": "kind"}, numbered([
        ("2020-01-01", "a"), ("2020-01-01", "b"), ("2027-01-01", "a"), ("", "b"), ("", "a")]),
        {"retention:expired": 1, "retention:undated": 1},
        keep=[{"where": {"kind": "a"}, "for": "1 year", "from": "at"}])
    yield list_world("where-two-fields", {"id": "id", "at": "at", "kind": "kind", "site": "site"}, numbered([
        ("2026-01-01", "a", "x"), ("2026-01-01", "a", "y"), ("2026-01-01", "b", "x")]),
        {"retention:expired": 2},
        keep=[{"where": {"kind": "a", "site": "x"}, "for": "5 years", "from": "at"}, {"for": "1 year", "from": "at"}])
    yield list_world("from-list", {"id": "id", "left": "left_on", "joined": "joined_on"}, numbered([
        ("2026-12-01", "2020-01-01"), ("", "2020-01-01"), ("x", "2020-01-01"), ("", ""), ("0000-00-00", "2026-06-01"), ("2025-01-01", "2026-12-01")]),
        {"retention:expired": 3, "retention:undated": 1}, keep={"for": "1 year", "from": ["left", "joined"]})
    yield list_world("running", {"id": "id", "left": {"column": "left_on", "empty": "running"}}, numbered([
        "", "2020-01-01", "later", "2027-01-01", "   "]),
        {"retention:expired": 1, "retention:undated": 1}, keep={"for": "1 year", "from": "left"})
    world = list_world("due-soon", TIME, numbered(["2026-03-30T12:00:00", "2026-03-30T12:00:01", "2026-02-28T12:00:00",
                                                   "2026-02-28T12:00:01", "2026-03-29", "2026-03-30"]),
                       {"retention:expired": 1, "retention:due-soon": (3, "2027-02-28T12:00:01+09:00")},
                       warn=["7 days", "30 days"], keep={"for": "1 year", "from": "at"})
    yield world
    yield list_world("due-soon-month", TIME, numbered(["2026-03-31T12:00:00", "2026-03-31T12:00:01", "2026-03-28T12:00:00", "2026-04-01T00:00:00"]),
                     {"retention:due-soon": 2}, warn=["1 month"], keep={"for": "1 year", "from": "at"})
    yield list_world("several-purposes-last", {"id": "id", "at": "at", "purpose": {"column": "purpose", "split": ";"}}, numbered([
        ("2025-06-01", "short"), ("2025-06-01", "long"), ("2025-06-01", "short;long"), ("2025-06-01", "long; short"), ("2024-01-01", "short;long")]),
        {"retention:expired": 2}, purposes=(("short", "notice"), ("long", "notice")),
        keep=[{"where": {"purpose": "long"}, "for": "3 years", "from": "at"}, {"for": "1 year", "from": "at"}])
    world = base("contract-end", now="2027-01-30T23:59:59+09:00")
    world.root("lists")
    world.register["contracts"]["c"] = {"client": "C", "ends": dt.date(2026, 12, 31)}
    table = with_memo(["id"], [["1"], ["2"], ["3"]])
    world.dataset("d", {"root": "lists", "files": "d.csv", "items": "rows", "fields": {"id": "id"}}, ["p"], warn=[],
                  contract="c", keep={"for": "30 days", "from": "contract.ends"})
    world.file(lambda folder: write_csv(os.path.join(folder, "data/lists/d.csv"), table))
    world.steps.append(("scan", "2027-01-31T00:00:00+09:00"))
    world.expect = {0: {"d": {}}, 1: {"d": {"retention:expired": (3, "2027-01-31T00:00:00+09:00")}}}
    yield world
    # Zones: the organisation's decides when a day ends and what the same time of day is.
    world = list_world("zone-new-york", TIME, numbered(["2026-09-13T02:30:00", "2026-09-14T02:30:00", "2026-09-14T03:00:00", "2026-09-14T07:30:00Z",
                                                        "2026-09-13", "2026-09-14"]),
                       {"retention:expired": 3}, now="2027-03-14T03:15:00-04:00", keep={"for": "6 months", "from": "at"})
    world.register["organisation"]["time_zone"] = "America/New_York"
    # 2026-09-13 02:30 expired; 14th 02:30 is in the gap: 03:30 -04:00, not yet; 03:00 expired; 03:30 -04:00 not yet; day 13 expired.
    yield world
    # Overlap on 2026-11-01: 01:30 happens twice, the later instant is 06:30Z.
    world = list_world("zone-overlap-value", TIME, numbered(["2026-11-01T01:30:00", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"]),
                       {}, now="2026-11-02T06:29:59Z", keep={"for": "1 day", "from": "at"})
    world.register["organisation"]["time_zone"] = "America/New_York"
    world.steps.append(("scan", "2026-11-02T06:30:00Z"))
    world.expect[1] = {"d": {"retention:expired": 3}}
    yield world
    world = list_world("zone-overlap-due", TIME, numbered(["2026-10-31T01:30:00"]), {}, now="2026-11-01T06:29:59Z",
                       keep={"for": "1 day", "from": "at"})
    world.register["organisation"]["time_zone"] = "America/New_York"
    world.steps.append(("scan", "2026-11-01T06:30:00Z"))
    world.expect[1] = {"d": {"retention:expired": (1, "2026-11-01T01:30:00-05:00")}}
    yield world
    # Lord Howe: half an hour back at 02:00 on 2026-04-05 (UTC+11 -> UTC+10:30): 01:45 twice.
    world = list_world("zone-lord-howe", TIME, numbered(["2026-04-04T01:45:00", "2026-04-03", "2026-04-04"]),
                       {"retention:expired": 1}, now="2026-04-05T01:44:00+10:30", keep={"for": "1 day", "from": "at"})
    world.register["organisation"]["time_zone"] = "Australia/Lord_Howe"
    world.steps.append(("scan", "2026-04-05T01:45:00+10:30"))
    world.expect[1] = {"d": {"retention:expired": 2}}
    yield world
    world = list_world("zone-day-end", TIME, numbered(["2026-02-27", "2026-02-28", "2027-02-28"]), {"retention:expired": 1},
                       now="2027-03-01T04:59:59Z", keep={"for": "1 year", "from": "at"})
    world.register["organisation"]["time_zone"] = "America/New_York"
    world.steps.append(("scan", "2027-03-01T05:00:00Z"))
    world.expect[1] = {"d": {"retention:expired": 2}}
    yield world


def date_worlds():
    japanese = {"id": "id", "at": {"column": "開催日", "format": "japanese"}}
    good = ["令和6年4月1日", "R6.4.1", "R06/04/01", "令和元年5月1日", "S50.1.1", "㋿6年4月1日", "㍻31年4月30日", "H31.4.30",
            "2024年4月1日", "2024/4/1", "20240401", "２０２４年４月１日", "令和６年４月１日", "Ｒ６．４．１", "2024-04-01", "2024-04-01T10:00:00",
            "平成36年4月1日", "昭和64年1月7日", "S64.1.7", "大正15年12月25日", "T1.7.30", "明治45年7月29日", "M45.7.29", " 令和6年4月1日 ",
            "2024/04/01", "２０２４／４／１", "２０２４０４０１", "令和6年04月01日"]
    young = ["令和9年1月1日", "R9.1.1", "2027/1/1", "20270101", "㋿9年1月1日"]
    bad = ["令和6年2月30日", "2023/2/29", "R6.13.1", "20240431", "4/1", "6.4.1", "2024年", "2024年4月頃", "合計", "", "R0.4.1", "2024-02-30",
           "0000-00-00", "1970-01-01", "昭和45年1月1日", "45383", "1899/12/30", "18991231", "不明", "2024/4/1x"]
    yield list_world("japanese-dates", japanese, numbered(good + young + bad),
                     {"retention:expired": len(good), "retention:undated": len(bad)}, keep={"for": "1 year", "from": "at"})
    in_cp932 = [value for value in good + young + bad if can_encode(value)]
    yield list_world("japanese-dates-cp932", japanese, numbered(in_cp932), None, encoding="cp932",
                     keep={"for": "1 year", "from": "at"})
    world = list_world("era-boundaries", japanese, numbered(["平成31年4月30日", "令和元年5月1日", "令和1年5月1日", "R1.5.2"]),
                       {"retention:expired": 1}, now="2019-05-31T00:00:00+09:00", keep={"for": "30 days", "from": "at"})
    world.steps.append(("scan", "2019-06-01T00:00:00+09:00"))
    world.expect[1] = {"d": {"retention:expired": 3}}
    yield world
    yield list_world("iso-default", TIME, numbered(
        ["2024-04-01", "2024-04-01 10:00", "2024-04-01T10:00:00.123", "2024-04-01T10:00:00Z", "2024-04-01T10:00:00+09:00",
         "2024/04/01", "令和6年4月1日", "2024-13-01", "2024-04-31", "2023-02-29", "0000-00-00 00:00:00", "1970-01-01T00:00:00", "1899-12-31", "45383", "n/a"]),
        {"retention:expired": 5, "retention:undated": 10}, keep={"for": "1 year", "from": "at"})
    yield list_world("format-list", {"id": "id", "at": {"column": "at", "format": ["japanese", "%d.%m.%Y", "%Y/%m/%d %H:%M"]}}, numbered(
        ["R6.4.1", "01.04.2024", "2024/04/01 10:30", "31.04.2024", "2024/04/01 25:00", "01.04.2027"]),
        {"retention:expired": 3, "retention:undated": 2}, keep={"for": "1 year", "from": "at"})
    yield list_world("excel-format-in-csv", {"id": "id", "at": {"column": "at", "format": "excel"}}, numbered(
        ["45383", "45383.5", "46446", "x", "0", "60", "61", "1"]), {"retention:expired": 4, "retention:undated": 3}, keep={"for": "1 year", "from": "at"})
    yield list_world("unix-formats-in-csv", {"id": "id", "at": {"column": "at", "format": "unix-seconds"}}, numbered(
        ["1709175600", "1709175601", "1709175599.5", "0", "", "x"]),
        # 1709175600 = 2024-02-29T12:00+09:00; + 3 years = 2027-02-28T12:00
        {"retention:expired": 2, "retention:undated": 3}, keep={"for": "3 years", "from": "at"})
    yield list_world("field-time-zone", {"id": "id", "at": {"column": "at", "time_zone": "UTC"}}, numbered(
        ["2026-02-28T03:00:00", "2026-02-28T03:00:01", "2026-02-28T12:00:00"]), {"retention:expired": 1}, keep={"for": "1 year", "from": "at"})
    world = list_world("source-time-zone", {"id": "id", "at": "at", "at2": {"column": "at2", "time_zone": "Asia/Tokyo"}}, numbered(
        [("2026-02-28T03:00:00", ""), ("2026-02-28T03:00:01", ""), ("", "2026-02-28T12:00:00"), ("", "2026-02-28T12:00:01")]),
        {"retention:expired": 2}, source={"time_zone": "UTC"}, keep={"for": "1 year", "from": ["at", "at2"]})
    yield world
    # Workbooks: real dates, text dates, serials, 1904.
    for name, epoch in (("xlsx-dates", False), ("xlsx-1904", True)):
        world = base(name)
        world.root("lists")
        shift = 1462 if epoch else 0
        rows = with_memo(["No", "取得日"], [
            [1, dt.date(2025, 8, 27)], [2, dt.date(2025, 8, 28)], [3, dt.datetime(2025, 8, 28, 11, 30)], [4, dt.datetime(2025, 8, 28, 12, 30)],
            [5, "2025-08-27"], [6, "2025-08-28"], [7, 45896 - shift], [8, 45897 - shift], [9, "2025/08/01"], [10, None], [11, "不明"], [12, 45897.25 - shift]][:11])
        # serial 45896 = 2025-08-27 in the 1900 system
        world.dataset("d", {"root": "lists", "files": "d.xlsx", "items": "rows", "sheet": "名簿", "fields": {"id": "No", "at": "取得日"}}, ["p"],
                      warn=[], keep={"for": "18 months", "from": "at"})
        world.file(lambda folder, rows=rows, epoch=epoch: write_xlsx(os.path.join(folder, "data/lists/d.xlsx"), rows, epoch_1904=epoch))
        world.expect[0] = {"d": {"retention:expired": (4, "2027-02-28T00:00:00+09:00"), "retention:undated": 3}}
        remember(world, rows)
        yield world


def can_encode(text):
    try:
        text.encode("cp932")
        return True
    except UnicodeEncodeError:
        return False


def folder_world(name, names, expect, field, keep, now=NOW, files="**/*.wav", **source):
    world = base(name, now=now)
    world.root("pbx")
    world.dataset("d", {"root": "pbx", "files": files, "items": "files", "fields": {"at": field}, **source}, ["p"], warn=[], keep=keep)

    def write(folder):
        for one in names:
            path = os.path.join(folder, "data/pbx", one[0] if isinstance(one, tuple) else one)
            write_bytes(path, b"RIFF-CANARY")
            if isinstance(one, tuple):
                moment = dt.datetime.fromisoformat(one[1]).timestamp()
                os.utime(path, (moment, moment))
    world.file(write)
    world.canaries |= {os.path.basename(one[0] if isinstance(one, tuple) else one) for one in names}
    world.expect[0] = {"d": expect}
    return world


FREEPBX = {"name": r"-(\d{8}-\d{6})-", "format": "%Y%m%d-%H%M%S"}


def folder_worlds():
    keep = {"for": "6 months", "from": "at"}
    yield folder_world("freepbx-names", [
        "2026/08/31/in-CANARY0312345678-09011112222-20260831-120000-1788145200.11.wav",
        "2026/08/31/in-CANARY0312345678-09011112222-20260831-120001-1788145201.12.wav",
        "2026/08/28/q-600-CANARYunknown-20260828-120000-1787886000.1.wav",
        "2026/08/28/q-600-CANARYunknown-20260828-120001-1787886001.1.wav",
        "2026/08/01/in-03-1234-5678-CANARY-20260801-000000-1785510000.1.wav",
        "2026/08/01/in-12345678-123456-CANARY-20260801-235959-1785596399.1.wav",
        "2027/02/01/out-12345678-123456-20270201-101010-1801444210.1.wav",        # adjoining digits: the last match counts
        "2026/02/01/out-20270201-101010-20260201-101010-1769908210.1.wav",        # looks young first, old last
        "CANARY-no-date.wav", "2026/02/30/in-1-CANARY2-20260230-101010-1.1.wav", "in-CANARY-20260801-250000-1.wav",
        "2026/08/01/in-CANARY-20260801-101010-1.1.mp3", "2026/08/01/CANARY.WAV"],
        {"retention:expired": 5, "retention:undated": 3}, FREEPBX, keep)
    yield folder_world("path-pattern", ["cam1/2026-02-28/11/CANARY-a.mp4", "cam1/2026-02-28/12/CANARY-b.mp4", "cam1/2026-02-28/13/CANARY-c.mp4",
                                        "cam2/2020-01-01/00/2027-01-01/05/CANARY-d.mp4", "cam2/2026-02-30/01/CANARY-e.mp4", "cam2/CANARY-f.mp4",
                                        "cam2/2026-02-28/24/CANARY-g.mp4"],
                       {"retention:expired": 2, "retention:undated": 3},
                       {"path": r"(\d{4}-\d\d-\d\d)/(\d\d)/", "format": "%Y-%m-%d %H"}, {"for": "1 year", "from": "at"}, files="**/*.mp4")
    yield folder_world("name-date-only", ["CANARY_20260227.wav", "CANARY_20260228.wav", "a/b/c/CANARY_20260101.wav", "CANARY_20190101_20270101.wav"],
                       {"retention:expired": 2}, {"name": r"(\d{8})", "format": "%Y%m%d"}, {"for": "1 year", "from": "at"})
    yield folder_world("file-time", [("CANARYa.wav", "2026-08-28T12:00:00+09:00"), ("CANARYb.wav", "2026-08-28T12:00:01+09:00"),
                                     ("x/CANARYc.wav", "2020-01-01T00:00:00Z"), ("x/CANARYd.wav", "2026-08-31T11:00:00+09:00")],
                       {"retention:expired": 3}, {"file_time": True}, keep)
    yield folder_world("globs", ["a/CANARY1-20200101-000000-.wav", "a/b/CANARY2-20200101-000000-.wav", "CANARY3-20200101-000000-.wav",
                                 "a/CANARY4-20200101-000000-.gsm", "skip/CANARY5-20200101-000000-.wav", "a/~$CANARY6-20200101-000000-.wav",
                                 "c/CANARY7-20200101-000000-.mp3", "c/d/CANARY8-20200101-000000-.mp3"],
                       {"retention:expired": 4}, FREEPBX, keep, files=["**/*.wav", "c/*.mp3"], exclude=["skip/**", "**/~$*"])
    yield folder_world("local-zone-in-name", ["in-CANARY-20260828-030000-1.wav", "in-CANARY-20260828-030001-1.wav"], {"retention:expired": 1},
                       {**FREEPBX, "time_zone": "UTC"}, keep)
    world = folder_world("where-on-name", ["in-CANARY-20260501-000000-1.wav", "out-CANARY-20260501-000000-1.wav", "out-CANARY-20240501-000000-1.wav"],
                         {"retention:expired": 2}, FREEPBX, [{"where": {"way": "out"}, "for": "2 years", "from": "at"}, keep])
    world.register["datasets"]["d"]["source"]["fields"]["way"] = {"name": r"^([a-z]+)-"}
    yield world
    world = folder_world("links-lead-out", ["in-CANARY-20260501-000000-1.wav"], {"retention:expired": 1, "items": 1}, FREEPBX, keep)

    def link(folder):
        write_bytes(os.path.join(folder, "outside/in-CANARY-20260501-000000-2.wav"), b"x")
        os.symlink(os.path.join(folder, "outside"), os.path.join(folder, "data/pbx/linked"))
    world.file(link)
    yield world
    world = folder_world("non-utf8-names", ["in-CANARY-20260501-000000-1.wav"], {"retention:expired": 2}, FREEPBX, keep)
    world.file(lambda folder: open(os.path.join(folder.encode(), b"data/pbx/in-\x83\x5c-20260501-000000-1.wav"), "wb").close())
    yield world


def database_worlds():
    def table_world(name, script, tables, source, expect, keep, wal=False, now=NOW, **dataset):
        world = base(name, now=now)
        world.server["connections"]["db"] = "sqlite:data/db.sqlite"
        world.dataset("d", {"connection": "db", **source}, ["p"], warn=[], keep=keep, **dataset)
        world.file(lambda folder: write_sqlite(os.path.join(folder, "data/db.sqlite"), script, tables, wal))
        world.expect[0] = {"d": expect}
        return world

    frigate = ("CREATE TABLE recordings (id VARCHAR(30) NOT NULL PRIMARY KEY, camera VARCHAR(20) NOT NULL, path VARCHAR(255) NOT NULL,"
               " start_time DATETIME, end_time DATETIME, duration REAL, motion INTEGER, objects INTEGER, dBFS INTEGER, segment_size REAL, regions INTEGER);"
               "CREATE UNIQUE INDEX recordings_path ON recordings(path);"
               "CREATE INDEX recordings_start_time ON recordings(start_time DESC);")
    at = dt.datetime.fromisoformat(NOW).timestamp()
    day = 86400
    rows = [("lobby", at - 30 * day), ("lobby", at - 30 * day + 0.001), ("lobby", at - 30 * day - 0.5), ("vault-1", at - 90 * day),
            ("vault-1", at - 90 * day + 1), ("vault-1", at - 31 * day), ("lobby", None), ("lobby", 0), ("vault-2", "abc"), ("vault-2", ""),
            ("lobby", "2026-01-01 00:00:00"), ("lobby", at + 60)]
    columns = ["id", "camera", "path", "start_time", "end_time", "duration"]
    table = [(f"CANARY{number}-x", camera, f"/media/frigate/recordings/CANARY{number}.mp4", start, None, 10.0) for number, (camera, start) in enumerate(rows)]
    keep = [{"where": {"camera": "vault-*"}, "for": "90 days", "from": "recorded_at"}, {"for": "30 days", "from": "recorded_at"}]
    for name, wal in (("frigate", False), ("frigate-wal", True)):
        world = table_world(name, frigate, [("recordings", columns, table)], {"preset": "frigate"},
                            {"retention:expired": 3, "retention:undated": 5}, keep, wal)
        world.canaries |= {row[2] for row in table}
        yield world
    world = table_world("frigate-live-wal", frigate, [], {"preset": "frigate"}, {"retention:expired": 3, "retention:undated": 5}, keep)
    world.files = [lambda folder: write_sqlite(os.path.join(folder, "data/db.sqlite"), frigate, [("recordings", columns, table)], wal=True, live=True)]
    yield world
    # What a recorder that was killed leaves behind: a `-wal` with all the rows, and no `-shm`.
    world = table_world("frigate-left-wal", frigate, [], {"preset": "frigate"}, {"retention:expired": 3, "retention:undated": 5}, keep)

    def killed(folder):
        write_sqlite(os.path.join(folder, "live/db.sqlite"), frigate, [("recordings", columns, table)], wal=True, live=True)
        os.makedirs(os.path.join(folder, "data"))
        for suffix in ("", "-wal"):
            shutil.copy(os.path.join(folder, "live/db.sqlite" + suffix), os.path.join(folder, "data/db.sqlite" + suffix))
    world.files = [killed]
    yield world
    moonfire = ("CREATE TABLE camera (id INTEGER PRIMARY KEY, uuid BLOB UNIQUE NOT NULL, short_name TEXT NOT NULL, config TEXT NOT NULL);"
                "CREATE TABLE stream (id INTEGER PRIMARY KEY, camera_id INTEGER NOT NULL, sample_file_dir_id INTEGER, type TEXT NOT NULL, config TEXT NOT NULL,"
                " cum_recordings INTEGER NOT NULL DEFAULT 0, cum_media_duration_90k INTEGER NOT NULL DEFAULT 0, cum_runs INTEGER NOT NULL DEFAULT 0);"
                "CREATE TABLE recording (composite_id INTEGER PRIMARY KEY, open_id INTEGER NOT NULL, stream_id INTEGER NOT NULL, run_offset INTEGER NOT NULL,"
                " flags INTEGER NOT NULL, sample_file_bytes INTEGER NOT NULL, start_time_90k INTEGER NOT NULL, prev_media_duration_90k INTEGER NOT NULL DEFAULT 0,"
                " prev_runs INTEGER NOT NULL DEFAULT 0, wall_duration_90k INTEGER NOT NULL, media_duration_delta_90k INTEGER NOT NULL DEFAULT 0,"
                " video_samples INTEGER NOT NULL, video_sync_samples INTEGER NOT NULL, video_sample_entry_id INTEGER NOT NULL, end_reason TEXT);"
                "CREATE INDEX recording_cover ON recording (stream_id, start_time_90k);"
                "CREATE TABLE sample_file_dir (id INTEGER PRIMARY KEY, config TEXT, uuid BLOB, last_complete_open_id INTEGER);"
                "CREATE TABLE garbage (sample_file_dir_id INTEGER, composite_id INTEGER);")
    ticks = int(at) * 90000
    record = [((1 << 32 if n < 4 else 2 << 32) + n, 1, 1 if n < 4 else 2, 0, 0, 1000, start, 90000 * 60, 100, 10, 1) for n, start in enumerate(
        [ticks - 30 * day * 90000, ticks - 30 * day * 90000 + 1, ticks - 100 * day * 90000, 0, ticks - 60 * day * 90000, ticks - 90 * day * 90000, ticks - 90 * day * 90000 + 1])]
    tables = [
        ("camera", ["id", "uuid", "short_name", "config"], [(1, b"1", "lobby", "{}"), (2, b"2", "vault-1", "{}")]),
        ("stream", ["id", "camera_id", "type", "config"], [(1, 1, "main", "{}"), (2, 2, "sub", "{}")]),
        ("recording", ["composite_id", "open_id", "stream_id", "run_offset", "flags", "sample_file_bytes", "start_time_90k", "wall_duration_90k",
                       "video_samples", "video_sync_samples", "video_sample_entry_id"], record)]
    yield table_world("moonfire", moonfire, tables, {"preset": "moonfire"}, {"retention:expired": 5, "retention:undated": 1}, keep[1])
    yield table_world("moonfire-by-camera", moonfire, tables, {"preset": "moonfire"}, {"retention:expired": 3, "retention:undated": 1}, keep)
    milli = int(at * 1000) - 10 * day * 1000
    for form, scale in (("unix-milliseconds", 1), ("unix-microseconds", 1000)):
        yield table_world("sqlite-" + form, "CREATE TABLE t (id INTEGER PRIMARY KEY, at INTEGER); CREATE INDEX t_at ON t(at);",
                          [("t", ["at"], [(milli * scale,), (milli * scale + 1,), (milli * scale - 1,), (None,), (0,)])],
                          {"table": "t", "fields": {"id": "id", "at": {"column": "at", "format": form}}},
                          {"retention:expired": 2, "retention:undated": 2}, {"for": "10 days", "from": "at"})
    yield table_world("sqlite-iso-text", "CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT); CREATE INDEX t_at ON t(at);",
                      [("t", ["at"], [("2026-02-28T03:00:00Z",), ("2026-02-28T03:00:01Z",), ("2026-02-28 12:00:00",), ("2026-02-28 12:00:01",),
                                      ("2026-02-27",), ("2026-02-28",), ("2026-02-28T12:00:00+09:00",), ("2026-02-28T00:00:00-03:00",), ("",), (None,),
                                      ("0000-00-00 00:00:00",), ("zzz",), (" 2020-01-01",), ("2026-02-28T20:00:00+19:00",)][:12])],
                      {"table": "t", "fields": {"id": "id", "at": "at"}}, {"retention:expired": 5, "retention:undated": 4}, {"for": "1 year", "from": "at"})
    yield table_world("sqlite-local-text", "CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT); CREATE INDEX t_at ON t(at);",
                      [("t", ["at"], [("2026/08/31 12:00",), ("2026/08/31 12:01",), ("2026/08/28 12:00",), ("2026/08/28 12:01",), ("2026/13/01 00:00",), ("9999/01/01 00:00",)])],
                      {"table": "t", "fields": {"id": "id", "at": {"column": "at", "format": "%Y/%m/%d %H:%M"}}},
                      {"retention:expired": 2, "retention:undated": 1}, {"for": "6 months", "from": "at"})
    world = table_world("sqlite-connection-zone", "CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT);",
                        [("t", ["at"], [("2026-02-28 03:00:00",), ("2026-02-28 03:00:01",)])],
                        {"table": "t", "fields": {"id": "id", "at": "at"}}, {"retention:expired": 1}, {"for": "1 year", "from": "at"})
    world.server["connections"]["db"] = {"url": "sqlite:data/db.sqlite", "time_zone": "UTC"}
    yield world
    yield table_world("sqlite-query", "CREATE TABLE a (n INTEGER PRIMARY KEY, at TEXT, b INTEGER); CREATE TABLE b (n INTEGER PRIMARY KEY, kind TEXT);",
                      [("a", ["n", "at", "b"], [(1, "2020-01-01", 1), (2, "2020-01-01", 2), (3, "2027-01-01", 1)]), ("b", ["n", "kind"], [(1, "keep"), (2, "drop")])],
                      {"query": "SELECT a.n AS number, a.at, b.kind FROM a JOIN b ON a.b = b.n", "fields": {"id": "number", "at": "at", "kind": "kind"}},
                      {"retention:expired": 1}, [{"where": {"kind": "keep"}, "for": "20 years", "from": "at"}, {"for": "1 year", "from": "at"}])
    yield table_world("sqlite-view-mixed-types", "CREATE TABLE t (id INTEGER PRIMARY KEY, at); CREATE INDEX t_at ON t(at); CREATE VIEW v AS SELECT id, at FROM t;",
                      [("t", ["at"], [(int(at) - 400 * day,), (float(at) - 400 * day,), (str(int(at) - 400 * day),), (b"x",), ("",), (None,), (int(at),)])],
                      {"table": "v", "fields": {"id": "id", "at": {"column": "at", "format": "unix-seconds"}}},
                      {"retention:expired": 3, "retention:undated": 3}, {"for": "1 year", "from": "at"})


def purpose_worlds():
    three = (("news", "notice", ("情報提供", "ｎｅｗｓ")), ("materials", "notice", ("資料送付",)), ("survey", "notice", ("集計",)))
    yield list_world("purpose", {"id": "id", "purpose": "用途"}, numbered(
        ["情報提供", " 情報提供 ", "news", "ｎｅｗｓ", "資料送付", "集計", "販売", "", "　", "news;materials"]),
        {"purpose:outside": 3, "purpose:unstated": 2}, purposes=three, used=["news", "materials"])
    yield list_world("purpose-split", {"id": "id", "purpose": {"column": "用途", "split": ";"}}, numbered(
        ["情報提供;資料送付", "情報提供; 集計", "集計;販売", "情報提供;", "", "資料送付 ; news"]),
        {"purpose:outside": 2, "purpose:unstated": 1}, purposes=three, used=["news", "materials"])


def find_worlds():
    yield from retention_worlds()
    yield from date_worlds()
    yield from folder_worlds()
    yield from database_worlds()
    yield from purpose_worlds()
