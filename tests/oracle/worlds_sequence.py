"""Sequences for wholeness: scan, change the data, scan again later. Answers by hand per scan."""
import os
import shutil

from build import write_bytes, write_csv, write_sqlite
from worlds_boundary import FREEPBX, base, with_memo
from worlds_consent import CONSENT, GIVEN, add_ledger, mail
from worlds_lists import text_bytes

KEEP = {"for": "1 year", "from": "at"}
DAY1, DAY2, DAY3, DAY4 = (f"2027-02-28T12:00:00+09:00", "2027-03-01T12:00:00+09:00", "2027-03-02T12:00:00+09:00", "2027-03-03T12:00:00+09:00")
LATER = "2027-02-28T22:00:00+09:00"   # ten hours after DAY1


def rows_of(prefix, old, young):
    return [["id", "at"]] + [[f"CANARY-{prefix}{number}", "2020-01-01" if number < old else "2027-02-01"] for number in range(old + young)]


def lists(name, files, **dataset):
    """files: name -> (old, young)."""
    world = base(name, now=None)
    world.root("lists")
    world.dataset("d", {"root": "lists", "files": "*.csv", "items": "rows", "fields": {"id": "id", "at": "at"}}, ["p"],
                  **{"warn": [], "keep": KEEP, **dataset})
    for one, (old, young) in files.items():
        world.file(lambda folder, one=one, old=old, young=young: put(folder, one, old, young))
    return world


def put(folder, name, old, young, first=0):
    rows = rows_of(name[0], old, young)
    write_csv(os.path.join(folder, "data/lists", name), [rows[0]] + rows[1 + first:])


def story(world, *parts):
    """Alternating: a step, then (for scans) what is expected of dataset `d`."""
    number = 0
    for part in parts:
        if isinstance(part, dict):
            world.expect[number - 1] = {"d": part}
        else:
            world.steps.append(part)
            number += part[0] in ("scan", "dry")
    return world


def change(function):
    return "change", function


def find_worlds():
    yield story(
        lists("sequence-erased", {"a.csv": (10, 10), "b.csv": (5, 5)}),
        ("scan", DAY1), {"retention:expired": (15, 15, 0, 0), "items": 30, "status": "complete"},
        ("scan", DAY1), {"retention:expired": (15, 0, 15, 0)},
        change(lambda folder: put(folder, "a.csv", 10, 10, first=4)),
        ("dry", DAY2), {"retention:expired": (11, 0, 11, 4), "items": 26},
        ("scan", DAY2), {"retention:expired": (11, 0, 11, 4), "items": 26},
        ("scan", DAY3), {"retention:expired": (11, 0, 11, 0)},
        change(lambda folder: put(folder, "a.csv", 10, 10, first=10)), change(lambda folder: put(folder, "b.csv", 5, 5, first=5)),
        ("scan", DAY4), {"items": 15})
    yield story(
        lists("sequence-all-flagged-erased", {"a.csv": (9, 1)}),
        ("scan", DAY1), {"retention:expired": (9, 9, 0, 0)},
        change(lambda folder: put(folder, "a.csv", 9, 1, first=9)),    # 9 of 10 lost, all of them flagged: not shrunken
        ("scan", DAY2), {"items": 1, "status": "complete"})
    yield story(
        lists("sequence-list-deleted", {"a.csv": (4, 16), "b.csv": (6, 4)}),
        ("scan", DAY1), {"retention:expired": (10, 10, 0, 0)},
        change(lambda folder: os.remove(os.path.join(folder, "data/lists/b.csv"))),   # 10 of 30 lost: gone
        ("scan", DAY2), {"retention:expired": (4, 0, 4, 6), "items": 20, "status": "complete"})
    yield story(
        lists("sequence-truncated-dataset", {"a.csv": (4, 26)}),
        ("scan", DAY1), {"retention:expired": (4, 4, 0, 0)},
        change(lambda folder: put(folder, "a.csv", 4, 26, first=25)),
        ("scan", LATER), {"retention:expired": (4, 0, 4, 0), "source:shrunken": (0, 0, 0, 0), "items": 5, "status": "complete"},
        ("scan", "2027-03-01T07:59:59+09:00"), {"retention:expired": (4, 0, 4, 0), "source:shrunken": (0, 0, 0, 0)},   # not yet 20 h after the first sight
        ("scan", "2027-03-01T18:00:00+09:00"), {"items": 5})
    yield story(
        lists("sequence-truncated-restored", {"a.csv": (4, 26)}),
        ("scan", DAY1), {"retention:expired": (4, 4, 0, 0)},
        change(lambda folder: put(folder, "a.csv", 4, 26, first=25)),
        ("scan", LATER), {"retention:expired": (4, 0, 4, 0), "source:shrunken": (0, 0, 0, 0)},
        change(lambda folder: put(folder, "a.csv", 4, 26)),
        ("scan", DAY2), {"retention:expired": (4, 0, 4, 0), "items": 30})
    yield story(
        lists("sequence-truncated-part", {"a.csv": (3, 17), "b.csv": (2, 58)}),
        ("scan", DAY1), {"retention:expired": (5, 5, 0, 0)},
        change(lambda folder: put(folder, "a.csv", 3, 17, first=15)),        # 15 of 20 lost in a.csv, 15 of 80 in all
        ("scan", DAY2), {"retention:expired": (5, 0, 5, 0), "source:shrunken": (0, 0, 0, 0), "items": 65},
        ("scan", DAY3), {"retention:expired": (2, 0, 2, 3), "items": 65})
    yield story(
        lists("sequence-half-lost-exactly", {"a.csv": (2, 18)}),
        ("scan", DAY1), {"retention:expired": (2, 2, 0, 0)},
        change(lambda folder: put(folder, "a.csv", 2, 18, first=10)),        # exactly half: not over half
        ("scan", DAY2), {"items": 10})
    yield story(
        lists("sequence-list-emptied", {"a.csv": (4, 6)}),
        ("scan", DAY1), {"retention:expired": (4, 4, 0, 0)},
        change(lambda folder: put(folder, "a.csv", 0, 0)),
        ("scan", LATER), {"retention:expired": (4, 0, 4, 0), "source:empty": (0, 0, 0, 0), "items": 0, "status": "complete"},
        ("confirm", "d", LATER),
        ("scan", "2027-02-28T23:00:00+09:00"), {"items": 0})
    yield story(
        lists("sequence-may-be-empty", {"a.csv": (4, 6)}, may_be_empty=True),
        ("scan", DAY1), {"retention:expired": (4, 4, 0, 0)},
        change(lambda folder: put(folder, "a.csv", 0, 0)),
        ("scan", LATER), {"items": 0, "status": "complete"})
    yield story(
        lists("sequence-never-any-file", {}),
        change(lambda folder: os.makedirs(os.path.join(folder, "data/lists"))),
        ("scan", DAY1), {"source:empty": (0, 0, 0, 0), "items": 0, "status": "complete"})
    yield story(
        lists("sequence-root-removed", {"a.csv": (4, 6)}),
        ("scan", DAY1), {"retention:expired": (4, 4, 0, 0)},
        change(lambda folder: os.rename(os.path.join(folder, "data/lists"), os.path.join(folder, "data/away"))),
        ("scan", DAY2), {"retention:expired": (4, 0, 4, 0), "source:unreachable": (0, 0, 0, 0), "status": "failed"},
        ("scan", DAY3), {"retention:expired": (4, 0, 4, 0), "source:unreachable": (0, 0, 0, 0), "status": "failed"},
        change(lambda folder: os.rename(os.path.join(folder, "data/away"), os.path.join(folder, "data/lists"))),
        change(lambda folder: put(folder, "a.csv", 4, 6, first=1)),
        ("scan", DAY4), {"retention:expired": (3, 0, 3, 1), "status": "complete"})
    yield story(
        lists("sequence-header-broken", {"a.csv": (4, 6), "b.csv": (2, 8)}),
        ("scan", DAY1), {"retention:expired": (6, 6, 0, 0)},
        change(lambda folder: write_csv(os.path.join(folder, "data/lists/b.csv"), [["id", "when"], ["CANARY-b0", "2020-01-01"]])),
        ("scan", DAY2), {"retention:expired": (6, 0, 6, 0), "source:partial": (0, 0, 0, 0), "status": "partial", "items": 10},
        change(lambda folder: put(folder, "b.csv", 2, 8, first=1)),
        ("scan", DAY3), {"retention:expired": (5, 0, 5, 1), "status": "complete", "items": 19})
    yield story(
        lists("sequence-moves-between-reasons", {}, warn=["30 days"]),
        change(lambda folder: write_csv(os.path.join(folder, "data/lists/a.csv"), [["id", "at"]] + [
            ["CANARY-1", "2026-02-27"], ["CANARY-2", "2026-02-28"], ["CANARY-3", "2026-03-20"], ["CANARY-4", "2026-04-02"], ["CANARY-5", "2027-01-01"]])),
        ("scan", DAY1), {"retention:expired": (1, 1, 0, 0), "retention:due-soon": (2, 2, 0, 0)},
        ("scan", "2027-03-05T12:00:00+09:00"), {"retention:expired": (2, 1, 1, 0), "retention:due-soon": (2, 1, 1, 1)})
    yield story(
        lists("sequence-unreadable", {"a.csv": (3, 3)}),
        change(lambda folder: open(os.path.join(folder, "data/lists/a.csv"), "a").write("CANARY-short\r\n")),
        ("scan", DAY1), {"retention:expired": (3, 3, 0, 0), "source:unreadable": (1, 1, 0, 0), "undecidable": 1, "status": "complete"},
        ("scan", DAY2), {"retention:expired": (3, 0, 3, 0), "source:unreadable": (1, 0, 1, 0)},
        change(lambda folder: put(folder, "a.csv", 3, 3)),
        ("scan", DAY3), {"retention:expired": (3, 0, 3, 0), "items": 6})
    yield story(
        lists("sequence-redated", {"a.csv": (4, 6)}),
        ("scan", DAY1), {"retention:expired": (4, 4, 0, 0)},
        change(lambda folder: put(folder, "a.csv", 2, 8)),
        ("scan", DAY2), {"retention:expired": (2, 0, 2, 2), "items": 10})
    yield from folder_sequences()
    yield from database_sequences()
    yield from ledger_sequences()


def folder_sequences():
    def recordings(name, count, **more):
        world = base(name, now=None)
        world.root("pbx")
        world.dataset("d", {"root": "pbx", "files": "**/*.wav", "items": "files", "fields": {"at": FREEPBX}}, ["p"], warn=[], keep=KEEP, **more)
        names = [f"2020/01/in-CANARY-20200101-0000{number:02d}-1.wav" if number < 5 else f"2027/02/in-CANARY-20270201-0000{number:02d}-1.wav" for number in range(count)]
        world.file(lambda folder: [write_bytes(os.path.join(folder, "data/pbx", one), b"x") for one in names])
        return world

    yield story(
        recordings("sequence-recordings-erased", 20),
        ("scan", DAY1), {"retention:expired": (5, 5, 0, 0), "items": 20},
        change(lambda folder: shutil.rmtree(os.path.join(folder, "data/pbx/2020"))),
        ("scan", DAY2), {"items": 15, "status": "complete"})
    yield story(
        recordings("sequence-recordings-unmounted", 20),
        ("scan", DAY1), {"retention:expired": (5, 5, 0, 0)},
        change(lambda folder: [shutil.rmtree(os.path.join(folder, "data/pbx", one)) for one in ("2020", "2027")]),
        ("scan", LATER), {"retention:expired": (5, 0, 5, 0), "source:empty": (0, 0, 0, 0), "status": "complete", "items": 0},
        ("scan", "2027-03-01T17:00:00+09:00"), {"retention:expired": (5, 0, 5, 0), "source:empty": (0, 0, 0, 0)})
    yield story(
        recordings("sequence-recordings-moved", 20),
        ("scan", DAY1), {"retention:expired": (5, 5, 0, 0)},
        change(lambda folder: os.rename(os.path.join(folder, "data/pbx/2020"), os.path.join(folder, "data/pbx/old"))),   # another path is another item
        ("scan", DAY2), {"retention:expired": (5, 5, 0, 5), "items": 20})


def database_sequences():
    def rows(old, young, first=0):
        return [(number, "2020-01-01" if number < old else "2027-02-01") for number in range(first, old + young)]

    def put_table(folder, *args, name="t", **more):
        write_sqlite(os.path.join(folder, "data/db.sqlite"), f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, at TEXT);", [(name, ["id", "at"], rows(*args, **more))])

    def world_of(name):
        world = base(name, now=None)
        world.server["connections"]["db"] = "sqlite:data/db.sqlite"
        world.dataset("d", {"connection": "db", "table": "t", "fields": {"id": "id", "at": "at"}}, ["p"], warn=[], keep=KEEP)
        world.file(lambda folder: put_table(folder, 5, 5))
        return world

    yield story(
        world_of("sequence-database-removed"),
        ("scan", DAY1), {"retention:expired": (5, 5, 0, 0)},
        change(lambda folder: os.remove(os.path.join(folder, "data/db.sqlite"))),
        ("scan", DAY2), {"retention:expired": (5, 0, 5, 0), "source:unreachable": (0, 0, 0, 0), "status": "failed"},
        change(lambda folder: put_table(folder, 5, 5, name="other")),
        ("scan", DAY3), {"retention:expired": (5, 0, 5, 0), "source:unreachable": (0, 0, 0, 0), "status": "failed"},
        change(lambda folder: put_table(folder, 5, 5, first=2)),
        ("scan", DAY4), {"retention:expired": (3, 0, 3, 2), "status": "complete"})
    yield story(
        world_of("sequence-table-emptied"),
        ("scan", DAY1), {"retention:expired": (5, 5, 0, 0)},
        change(lambda folder: put_table(folder, 0, 0)),
        ("scan", LATER), {"retention:expired": (5, 0, 5, 0), "source:empty": (0, 0, 0, 0), "items": 0},
        ("scan", DAY3), {"items": 0, "status": "complete"})


def ledger_sequences():
    def world_of(name, how):
        world = base(name, purposes=CONSENT, now=None)
        world.root("lists")
        table = with_memo(["id", "email"], [[f"CANARY-{one}", mail(one)] for one in "abcd"])
        world.dataset("d", {"root": "lists", "files": "d.csv", "items": "rows", "fields": {"id": "id", "email": "email"}}, ["dm"], warn=[],
                      consent={"ledger": "consents", "by": "email"})
        world.file(lambda folder: write_csv(os.path.join(folder, "data/lists/d.csv"), table))
        return add_ledger(world, [(mail("a"), None, "dm", GIVEN), (mail("b"), None, "dm", GIVEN, "2026-06-01"), (mail("z"), None, "dm", GIVEN)], how=how)

    healthy = {"consent:withdrawn": (1, 1, 0, 0), "consent:missing": (2, 2, 0, 0), "undecidable": 0}
    same = {"consent:withdrawn": (1, 0, 1, 0), "consent:missing": (2, 0, 2, 0)}
    for how, place in (("sqlite", "data/consents.db"), ("csv", "data/lists/consents.csv")):
        def keep_away(folder, place=place):
            shutil.copy(os.path.join(folder, place), os.path.join(folder, "away"))
            os.remove(os.path.join(folder, place))

        def bring_back(folder, place=place):
            os.makedirs(os.path.join(folder, os.path.dirname(place)), exist_ok=True)
            shutil.copy(os.path.join(folder, "away"), os.path.join(folder, place))

        def emptied(folder, place=place, how=how):
            if how == "sqlite":
                write_sqlite(os.path.join(folder, place), "CREATE TABLE consents (email, phone, purpose, given_at, withdrawn_at);")
            else:
                write_bytes(os.path.join(folder, place), text_bytes([["email", "phone", "purpose", "given_at", "withdrawn_at"]]))

        reason = "source:ledger-unreachable" if how == "sqlite" else "source:ledger-empty"
        yield story(
            world_of(f"sequence-ledger-removed-{how}", how),
            ("scan", DAY1), healthy,
            change(keep_away),
            ("scan", DAY2), {**same, reason: (0, 0, 0, 0), "undecidable": 4, "status": "complete"},
            change(bring_back),
            ("scan", DAY3), {**same, "undecidable": 0})
        yield story(
            world_of(f"sequence-ledger-emptied-{how}", how),
            ("scan", DAY1), healthy,
            change(keep_away), change(emptied),
            ("scan", DAY2), {**same, "source:ledger-empty": (0, 0, 0, 0), "undecidable": 4, "status": "complete"},
            ("scan", DAY3), {**same, "source:ledger-empty": (0, 0, 0, 0), "undecidable": 4},
            change(bring_back),
            ("scan", DAY4), {**same, "undecidable": 0})
    yield story(
        world_of("sequence-ledger-absent-at-first", "sqlite"),
        change(lambda folder: os.remove(os.path.join(folder, "data/consents.db"))),
        ("scan", DAY1), {"source:ledger-unreachable": (0, 0, 0, 0), "undecidable": 4, "status": "complete"})
    yield story(
        world_of("sequence-ledger-empty-at-first", "sqlite"),
        change(lambda folder: write_sqlite(os.path.join(folder, "data/consents.db"), "CREATE TABLE consents (email, phone, purpose, given_at, withdrawn_at);")),
        ("scan", DAY1), {"consent:missing": (4, 4, 0, 0), "undecidable": 0})
    yield story(
        world_of("sequence-consent-cured", "sqlite"),
        ("scan", DAY1), healthy,
        change(lambda folder: write_sqlite(os.path.join(folder, "data/consents.db"), "CREATE TABLE consents (email, phone, purpose, given_at, withdrawn_at);", [
            ("consents", ["email", "phone", "purpose", "given_at", "withdrawn_at"],
             [(mail("a"), None, "dm", GIVEN, None), (mail("b"), None, "dm", GIVEN, "2026-06-01"), (mail("b"), None, "dm", "2027-02-28 13:00:00", None),
              (mail("c"), None, "dm", GIVEN, None)])])),
        ("scan", DAY2), {"consent:missing": (1, 0, 1, 1)})
