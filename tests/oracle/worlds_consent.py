"""Hand-made worlds about keys, consent ledgers, opt-outs and consent in the row."""
import os

from build import write_csv, write_sqlite
from worlds_boundary import list_world, numbered, remember, with_memo

CONSENT = (("dm", "consent", ("案内",)), ("news", "consent", ("情報提供",)), ("care", "notice"))
GIVEN = "2026-01-01T00:00:00+09:00"


def add_ledger(world, rows, columns=("email", "phone", "purpose", "given_at", "withdrawn_at"), name="consents", kind="consents",
               how="sqlite", fields=None):
    """A ledger whose columns are called like its fields."""
    fields = fields or {column: column for column in columns}
    rows = [tuple(row) + (None,) * (len(columns) - len(row)) for row in rows]
    remember(world, rows)
    if how == "sqlite":
        world.server["connections"][name] = f"sqlite:data/{name}.db"
        world.ledger(name, kind, {"connection": name, "table": name, "fields": fields})
        script = f"CREATE TABLE {name} ({', '.join(columns)});"
        world.file(lambda folder: write_sqlite(os.path.join(folder, f"data/{name}.db"), script, [(name, list(columns), rows)]))
    else:
        world.root("lists")
        world.ledger(name, kind, {"root": "lists", "files": f"{name}.csv", "items": "rows", "fields": fields})
        table = [list(columns)] + [["" if cell is None else cell for cell in row] for row in rows]
        world.file(lambda folder: write_csv(os.path.join(folder, f"data/lists/{name}.csv"), table))
    return world


def ledger_world(name, rows, ledger, expect, fields=None, consent=None, how="sqlite", ledger_columns=None, used=("dm",), now=None, **more):
    fields = fields or {"id": "id", "email": "email"}
    more = {**({"now": now} if now else {}), **more}
    world = list_world(name, fields, rows, expect, purposes=CONSENT, used=list(used),
                       consent=consent or {"ledger": "consents", "by": "email"}, **more)
    extra = {"columns": ledger_columns} if ledger_columns else {}
    return add_ledger(world, ledger, how=how, **extra)


def mail(name):
    return f"CANARY.{name}@example.com"


def key_worlds():
    yield ledger_world("keys-email", numbered([
        "CANARY.a@example.com", "  canary.A@EXAMPLE.com ", "ＣＡＮＡＲＹ．ａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "canary.a@@example.com", "@example.com",
        "canary.a@", "canary a@example.com", "", "canary.a", "b@example.com", "canary.a＠example.com", "canary.a@example.com;b@example.com"]),
        [("canary.A@example.com", None, "dm", GIVEN)], {"consent:no-subject": 7, "consent:missing": 1})
    yield ledger_world("keys-phone", numbered([
        "090-1234-5678", "09012345678", "9012345678", "+81 90-1234-5678", "0081-90-1234-5678", "81-90-1234-5678", "０９０－１２３４－５６７８",
        "(090) 1234 5678", "+81(0)90 1234 5678", "090.1234.5678", "090-1234-5678 ext 1", "内線 09012345678", "1234567", "", "---", "1234567890123456",
        "+1-212-555-0100", "03-1234-5678", "8134567890"]),
        [(None, "+819012345678", "dm", GIVEN), (None, "12125550100", "dm", GIVEN), (None, "8134567890", "dm", GIVEN)],
        {"consent:no-subject": 6, "consent:missing": 1},
        fields={"id": "id", "phone": "tel"}, consent={"ledger": "consents", "by": "phone"})
    yield ledger_world("keys-phone-81", numbered(["81345678901", "0345678901", "345678901", "8134567890", "34567890", "8190123456789", "90123456789"]),
                       [(None, "0345678901", "dm", GIVEN), (None, "34567890", "dm", GIVEN), (None, "090123456789", "dm", GIVEN)],
                       {"consent:missing": 1}, fields={"id": "id", "phone": "tel"}, consent={"ledger": "consents", "by": "phone"})
    yield ledger_world("keys-phone-number-column", numbered(["090-1234-5678", "03-1234-5678"]),
                       [(None, 9012345678, "dm", GIVEN), (None, 312345678.0, "dm", GIVEN)], {},
                       fields={"id": "id", "phone": "tel"}, consent={"ledger": "consents", "by": "phone"})
    world = list_world("keys-typed", {"id": "id", "member": "会員番号"}, numbered(["Ａ-１", " A-1 ", "a-1", "", "B-2"]),
                       {"consent:missing": 2, "consent:no-subject": 1}, purposes=CONSENT, used=["dm"], consent={"ledger": "consents", "by": "member"})
    yield add_ledger(world, [("A-1", "dm", GIVEN)], columns=("member", "purpose", "given_at"))
    yield ledger_world("keys-any-key-gives", numbered([
        (mail("a"), ""), ("", "090-1111-1111"), (mail("x"), "090-1111-1111"), ("", ""), (mail("x"), ""), (mail("w"), "090-9999-9999"), (mail("w"), "090-1111-1111")]),
        [(mail("a"), None, "dm", GIVEN), (None, "09011111111", "dm", GIVEN), (mail("w"), None, "dm", GIVEN, "2026-02-01")],
        {"consent:no-subject": 1, "consent:missing": 1, "consent:withdrawn": 1},
        fields={"id": "id", "email": "email", "phone": "tel"}, consent={"ledger": "consents", "by": ["email", "phone"]})


def event_worlds():
    yield ledger_world("consent-events", numbered([mail(one) for one in "abcdefghijklmnop"]), [
        (mail("a"), None, "dm", GIVEN),
        (mail("b"), None, "dm", GIVEN, "2026-06-01"),
        (mail("c"), None, "dm", GIVEN, GIVEN),                                              # same instant: withdrawal
        (mail("d"), None, "dm", "2027-02-28T12:00:01+09:00"),                                # after now: no event
        (mail("e"), None, "dm", "2027-02-28T12:00:00+09:00"),                                # now: counts
        (mail("f"), None, "dm", GIVEN, "2027-02-28T12:00:01+09:00"),                         # withdrawal in the future
        (mail("g"), None, "news", GIVEN),
        (mail("h"), None, "案内", GIVEN),                                                     # by value
        (mail("i"), None, "", GIVEN), (mail("j"), None, "謎", GIVEN),
        (mail("k"), None, "dm", GIVEN, "2026-06-01"), (mail("k"), None, "dm", "2026-07-01"),  # given again
        (mail("l"), None, "dm", "2026-07-01"), (mail("l"), None, "dm", "2025-07-01", "2026-08-01"),
        (mail("m"), None, "dm", GIVEN, "yes"),                                                # unreadable: withdraws
        (mail("n"), None, "dm", None, None),
        (mail("o"), None, "dm", None, "2026-01-01"),
        (mail("p"), None, "dm", GIVEN), (mail("p"), None, "news", GIVEN, "2026-06-01")],
        {"consent:withdrawn": 5, "consent:missing": 2, "consent:other-purpose": 3})
    yield ledger_world("consent-naive-and-dates", numbered([mail(one) for one in "abcd"]), [
        (mail("a"), None, "dm", "2026-06-01", "2026-06-01 00:00:00"),        # date-only given is 00:00: same instant
        (mail("b"), None, "dm", "2026-06-01 00:00:01", "2026-06-01"),        # given after the start of the day
        (mail("c"), None, "dm", "2026-05-31T15:00:00Z", "2026-06-01"),       # the same instant in Tokyo
        (mail("d"), None, "dm", "2026-05-31T15:00:01Z", "2026-06-01")],
        {"consent:withdrawn": 2})
    # valid_for: an instant is expired at given + 2 years; a date when that day has ended.
    world = ledger_world("consent-valid-for", numbered([mail(one) for one in "abcdefg"]), [
        (mail("a"), None, "dm", "2025-02-28T12:00:00+09:00"), (mail("b"), None, "dm", "2025-02-28T12:00:01+09:00"),
        (mail("c"), None, "dm", "2025-02-27"), (mail("d"), None, "dm", "2025-02-28"),
        (mail("e"), None, "dm", "2024-01-01"), (mail("e"), None, "dm", "2026-01-01"),
        (mail("f"), None, "dm", "2024-02-29T12:00:00+09:00"),
        (mail("g"), None, "dm", "2024-01-01", "2024-02-01")],
        {"consent:expired": 3, "consent:withdrawn": 1}, consent={"ledger": "consents", "by": "email", "valid_for": "2 years"})
    world.steps.append(("scan", "2027-03-01T00:00:00+09:00"))
    world.expect[1] = {"d": {"consent:expired": (5, 2, 3, 0), "consent:withdrawn": 1}}
    yield world
    yield ledger_world("consent-date-window", numbered([mail("a")]), [(mail("a"), None, "dm", "2027-03-01")], {"consent:missing": 1},
                       now="2027-02-28T23:59:59+09:00")
    yield ledger_world("consent-per-purpose", numbered([
        (mail("a"), "dm"), (mail("a"), "news"), (mail("a"), "care"), (mail("a"), ""), (mail("a"), "謎"), (mail("b"), "dm"), (mail("b"), "care"),
        ("", "care"), (mail("c"), "情報提供")]),
        [(mail("a"), None, "dm", GIVEN), (mail("c"), None, "情報提供", GIVEN)],
        {"consent:other-purpose": 1, "consent:missing": 1, "purpose:unstated": 1, "purpose:outside": 1},
        fields={"id": "id", "email": "email", "purpose": "purpose"}, used=("dm", "news", "care"))
    yield ledger_world("consent-outside-known", numbered([(mail("a"), "news"), (mail("b"), "care"), (mail("b"), "news")]), [(mail("a"), None, "news", GIVEN)],
                       {"purpose:outside": 3, "consent:missing": 1}, fields={"id": "id", "email": "email", "purpose": "purpose"}, used=("dm",))
    yield ledger_world("consent-each-purpose", numbered([mail("a"), mail("b"), mail("c"), ""]), [
        (mail("a"), None, "dm", GIVEN), (mail("a"), None, "news", GIVEN), (mail("b"), None, "dm", GIVEN),
        (mail("c"), None, "dm", GIVEN, "2026-06-01"), (mail("c"), None, "news", GIVEN, "2026-06-01")],
        {"consent:other-purpose": 1, "consent:withdrawn": 1, "consent:no-subject": 1}, used=("dm", "news", "care"))
    yield ledger_world("consent-split-two-reasons", numbered([(mail("a"), "dm;news"), (mail("b"), "dm;news"), (mail("c"), "dm;news")]), [
        (mail("a"), None, "dm", GIVEN, "2026-06-01"), (mail("b"), None, "dm", GIVEN), (mail("b"), None, "news", GIVEN)],
        {"consent:withdrawn": 1, "consent:other-purpose": 1, "consent:missing": 1},
        fields={"id": "id", "email": "email", "purpose": {"column": "purpose", "split": ";"}}, used=("dm", "news"))
    yield ledger_world("consent-ledger-without-purpose", numbered([mail("a"), mail("b"), mail("c")]),
                       [(mail("a"), GIVEN), (mail("b"), GIVEN, "2026-02-01")], {"consent:withdrawn": 1, "consent:missing": 1},
                       ledger_columns=("email", "given_at", "withdrawn_at"), used=("dm", "news"))
    yield ledger_world("consent-ledger-csv", numbered([mail("a"), mail("b"), mail("c")]),
                       [(mail("a"), "", "案内", "2026-01-01"), (mail("b"), "", "dm", "2026-01-01 10:00:00", "2026-01-01 11:00:00")],
                       {"consent:withdrawn": 1, "consent:missing": 1}, how="csv")
    yield ledger_world("consent-not-asked-for-notice", numbered([mail("a"), ""]), [], {}, used=("care",))
    yield list_world("consent-not-asked-without-ledger", {"id": "id", "email": "email"}, numbered([mail("a"), ""]), {}, purposes=CONSENT, used=["dm"])
    world = list_world("consent-two-ledgers", {"id": "id", "email": "email"}, numbered([mail(one) for one in "abcdef"] + [""]),
                       {"consent:withdrawn": 1, "consent:expired": 1, "consent:other-purpose": 1, "consent:missing": 1, "consent:no-subject": 1},
                       purposes=CONSENT, used=["dm"],
                       consent=[{"ledger": "consents", "by": "email"}, {"ledger": "second", "by": "email", "valid_for": "1 year"}])
    add_ledger(world, [(mail("a"), None, "dm", GIVEN, "2026-06-01"), (mail("b"), None, "dm", GIVEN, "2026-06-01"), (mail("d"), None, "news", GIVEN),
                       (mail("c"), None, "news", GIVEN)])
    yield add_ledger(world, [(mail("a"), None, "dm", "2026-12-01"), (mail("b"), None, "dm", "2025-01-01"), (mail("c"), None, "dm", "2025-01-01"),
                             (mail("e"), None, "dm", "2026-12-01")], name="second")
    world = ledger_world("consent-dst-overlap", numbered([mail("a"), mail("b")]), [
        (mail("a"), None, "dm", "2026-11-01 01:30:00", "2026-11-01T06:00:00Z"),   # 01:30 is read as the later 06:30Z
        (mail("b"), None, "dm", "2026-11-01 01:30:00", "2026-11-01T06:45:00Z")], {"consent:withdrawn": 1})
    world.register["organisation"]["time_zone"] = "America/New_York"
    yield world


def row_worlds():
    mail_ok = {"column": "配信可否", "values": {"○": "given", "×": "refused", "済": "given"}}
    yield list_world("row-consent", {"id": "id", "ok": mail_ok}, numbered(["○", "×", "", "△", "済", " ○ ", "はい", "　"]),
                     {"consent:refused": 1, "consent:missing": 2, "consent:unclear": 2, "undecidable": 2},
                     purposes=CONSENT, used=["dm"], consent={"row": "ok"})
    yield list_world("row-consent-valid-for", {"id": "id", "ok": mail_ok, "asked": "asked"}, numbered([
        ("○", "2025-02-27"), ("○", "2025-02-28"), ("×", "2025-02-27"), ("○", "2027-01-01"), ("", "2025-01-01")]),
        {"consent:expired": 1, "consent:refused": 1, "consent:missing": 1},
        purposes=CONSENT, used=["dm"], consent={"row": "ok", "at": "asked", "valid_for": "2 years"})
    world = list_world("row-or-ledger", {"id": "id", "email": "email", "ok": mail_ok}, numbered([
        (mail("a"), "×"), (mail("b"), "○"), (mail("c"), "×"), (mail("c"), ""), (mail("w"), "△"), (mail("w"), "×"), (mail("c"), "△"), (mail("o"), "△"), (mail("o"), "")]),
        {"consent:refused": 2, "consent:missing": 1, "consent:withdrawn": 1, "consent:unclear": 2, "consent:other-purpose": 1},
        purposes=CONSENT, used=["dm"], consent=[{"ledger": "consents", "by": "email"}, {"row": "ok"}])
    yield add_ledger(world, [(mail("a"), None, "dm", GIVEN), (mail("w"), None, "dm", GIVEN, "2026-06-01"), (mail("o"), None, "news", GIVEN)])
    world = list_world("row-consent-for", {"id": "id", "email": "email", "ok": mail_ok, "purpose": "purpose"}, numbered([
        (mail("x"), "○", "dm"), (mail("x"), "○", "news"), (mail("a"), "×", "news"), (mail("a"), "×", "dm")]),
        {"consent:missing": 1, "consent:refused": 1}, purposes=CONSENT, used=["dm", "news"],
        consent=[{"ledger": "consents", "by": "email"}, {"row": "ok", "for": ["dm"]}])
    yield add_ledger(world, [(mail("a"), None, "news", GIVEN)])
    stop = {"column": "配信停止", "values": {"○": "refused", "停止": "refused", "×": "given"}}
    yield list_world("opt-out-column", {"id": "id", "ok": mail_ok, "stopped": stop}, numbered([
        ("○", "○"), ("○", ""), ("○", "×"), ("○", "?"), ("×", ""), ("", "停止"), ("", "")]),
        {"consent:refused": 3, "consent:unclear": 1, "consent:missing": 1, "undecidable": 1},
        purposes=CONSENT, used=["dm"], consent={"row": "ok"}, opt_outs={"row": "stopped"})


def opt_out_worlds():
    def world_of(name, rows, consents, opt_outs, expect, columns=("email", "opted_out_at"), fields=None, used=("dm",), **more):
        world = list_world(name, fields or {"id": "id", "email": "email"}, rows, expect, purposes=CONSENT, used=list(used),
                           consent={"ledger": "consents", "by": "email"}, opt_outs={"ledger": "stops", "by": "email"}, **more)
        add_ledger(world, consents)
        return add_ledger(world, opt_outs, columns=columns, name="stops", kind="opt-outs", how="csv")

    yield world_of("opt-out-times", numbered([mail(one) for one in "abcdefghijkl"] + [""]), [
        (mail("a"), None, "dm", GIVEN),
        (mail("b"), None, "dm", "2026-06-01 09:00:00"),                    # opted out on that day: beaten
        (mail("c"), None, "dm", "2026-06-02 00:00:00"),                    # later
        (mail("d"), None, "dm", "2026-06-02"),                             # date-only, later day
        (mail("e"), None, "dm", "2026-06-01 12:00:00"), (mail("f"), None, "dm", "2026-06-01 12:00:01"), (mail("g"), None, "dm", "2026-06-01 11:59:59"),
        (mail("h"), None, "news", "2026-12-01"),                           # later, but for another purpose
        (mail("i"), None, "dm", "2026-12-01"),
        (mail("j"), None, "dm", GIVEN), (mail("l"), None, "dm", "2026-07-01", "2026-08-01")],
        [(mail("b"), "2026-06-01"), (mail("c"), "2026-06-01"), (mail("d"), "2026-06-01"),
         (mail("e"), "2026-06-01 12:00:00"), (mail("f"), "2026-06-01 12:00:00"), (mail("g"), "2026-06-01T12:00:00+09:00"),
         (mail("h"), "2026-06-01"), (mail("i"), ""), (mail("j"), "2027-03-01"), (mail("k"), "2026-06-01"), (mail("l"), "2026-06-01")],
        {"consent:opted-out": 6, "consent:withdrawn": 1, "consent:no-subject": 1})
    yield world_of("opt-out-today", numbered([mail("a"), mail("b"), mail("c")]),
                   [(mail("a"), None, "dm", GIVEN), (mail("b"), None, "dm", "2027-02-28 01:00:00"), (mail("c"), None, "dm", GIVEN)],
                   [(mail("a"), "2027-02-28"), (mail("b"), "2027-02-28"), (mail("c"), "2027-02-28 12:00:01")], {"consent:opted-out": 2})
    yield world_of("opt-out-purposes", numbered([(mail("a"), "dm"), (mail("a"), "news"), (mail("b"), "dm"), (mail("b"), "news"), (mail("c"), "care")]),
                   [(mail("a"), None, "dm", GIVEN), (mail("a"), None, "news", GIVEN), (mail("b"), None, "dm", GIVEN), (mail("b"), None, "news", GIVEN)],
                   [(mail("a"), "案内", "2026-06-01"), (mail("b"), "", "2026-06-01"), (mail("c"), "", "2026-06-01")],
                   {"consent:opted-out": 3}, columns=("email", "purpose", "opted_out_at"),
                   fields={"id": "id", "email": "email", "purpose": "purpose"}, used=("dm", "news", "care"))
    yield world_of("opt-out-two-rows", numbered([mail("a")]), [(mail("a"), None, "dm", "2026-06-01")],
                   [(mail("a"), "2026-01-01"), (mail("a"), "2026-09-01")], {"consent:opted-out": 1})
    yield world_of("opt-out-expired-anyway", numbered([mail("a"), mail("b")]), [(mail("a"), None, "dm", "2026-06-01")],
                   [(mail("a"), "2026-01-01"), (mail("b"), "2026-01-01")], {"consent:opted-out": 1})
    world = list_world("opt-out-phone-keys", {"id": "id", "email": "email", "phone": "tel"}, numbered([
        (mail("a"), "090-1111-1111"), (mail("a"), "+81 90 2222 2222"), (mail("a"), ""), (mail("a"), "9033333333")]),
        {"consent:opted-out": 2}, purposes=CONSENT, used=["dm"], consent={"ledger": "consents", "by": "email"},
        opt_outs={"ledger": "stops", "by": "phone"})
    add_ledger(world, [(mail("a"), None, "dm", GIVEN)])
    yield add_ledger(world, [("0081-90-2222-2222", "2026-06-01"), ("090-3333-3333", "")], columns=("phone", "opted_out_at"), name="stops", kind="opt-outs", how="csv")


def find_worlds():
    yield from key_worlds()
    yield from event_worlds()
    yield from row_worlds()
    yield from opt_out_worlds()
