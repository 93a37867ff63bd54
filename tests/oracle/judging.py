"""Judging one item: retention, purpose, consent. The plainest code that follows the contract's sentences."""
import datetime as dt
import re

import dates
from reading import as_text, columns_of, folded_text
from settings import as_day, as_list

UTC = dt.timezone.utc
# The closest reason wins where no entry and no key gives.
CLOSENESS = ["refused", "withdrawn", "expired", "unclear", "other-purpose", "missing", "no-subject"]


# --- keys -------------------------------------------------------------------------------------

def email_key(value):
    text = folded_text(value).lower()
    if text.count("@") != 1 or any(character.isspace() for character in text):
        return None
    local, domain = text.split("@")
    return text if local and domain else None


def phone_key(value):
    text = folded_text(value)
    if any(character.isalpha() for character in text):
        return None
    digits = "".join(character for character in text if character in "0123456789")
    if text.startswith("+81"):
        digits = digits[2:]
    elif digits.startswith("0081"):
        digits = digits[4:]
    elif digits.startswith("81") and 9 <= len(digits) - 2 <= 11:
        digits = digits[2:]
    digits = digits.lstrip("0")
    return digits if 8 <= len(digits) <= 15 else None


def subject_key(kind, value):
    if kind == "email":
        return email_key(value)
    if kind == "phone":
        return phone_key(value)
    return folded_text(value) or None


def key_type(name, source):
    definition = source.get("fields", {}).get(name)
    if isinstance(definition, dict) and "type" in definition:
        return definition["type"]
    return name if name in ("email", "phone") else "text"


# --- dates of fields --------------------------------------------------------------------------

def clock_of(settings, source, item, field):
    """EMPTY, UNREADABLE or Clock of one field."""
    definition = source["fields"].get(field)
    if definition is None:
        return dates.UNREADABLE
    value = item.values.get(field)
    if isinstance(value, tuple) and value[0] == "mtime":
        return dates.Clock(instant=dt.datetime.fromtimestamp(value[1] // 10**9, UTC)
                           + dt.timedelta(microseconds=value[1] % 10**9 // 1000))
    settled = definition if isinstance(definition, dict) else {}
    zone = settings.zone_of(source, settled)
    return dates.read_date(value, as_list(settled.get("format")), zone, item.workbook, item.epoch_1904)


# --- purposes ---------------------------------------------------------------------------------

def purposes_of(settings, source, item):
    """None without a purpose field; else a list of (text, key or None), empty when unstated."""
    if "purpose" not in source.get("fields", {}):
        return None
    text = as_text(item.values.get("purpose"))
    definition = source["fields"]["purpose"]
    pieces = text.split(definition["split"]) if isinstance(definition, dict) and "split" in definition else [text]
    pieces = [piece.strip() for piece in pieces if folded_text(piece)]
    return [(piece, settings.purpose_key(piece)) for piece in pieces]


def judge_purpose(dataset, stated):
    if stated is None:
        return set()
    if not stated:
        return {("purpose", "unstated")}
    if any(key not in dataset["purposes"] for _, key in stated):
        return {("purpose", "outside")}
    return set()


# --- retention --------------------------------------------------------------------------------

def where_matches(where, item, purpose):
    for field, wanted in (where or {}).items():
        text = purpose if field == "purpose" and purpose is not None else as_text(item.values.get(field))
        if not any(glob_text(one).match(text) for one in as_list(wanted)):
            return False
    return True


def glob_text(pattern):
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".") + r"\Z", re.S)


def first_clock(settings, dataset, source, item, fields):
    """("clock", Clock), ("running", None) or ("unknown", None)."""
    running = False
    for field in as_list(fields):
        if field == "contract.ends":
            ends = settings.contracts[dataset["contract"]].get("ends")
            if ends is not None:
                return "clock", dates.Clock(day=as_day(ends))
            continue
        clock = clock_of(settings, source, item, field)
        if isinstance(clock, dates.Clock):
            return "clock", clock
        definition = source["fields"].get(field)
        if clock is dates.EMPTY and isinstance(definition, dict) and definition.get("empty") == "running":
            running = True
    return ("running", None) if running else ("unknown", None)


def limit_of(settings, dataset, source, item, keep):
    kind, clock = first_clock(settings, dataset, source, item, keep.get("from"))
    if kind != "clock":
        return kind, None
    due = dates.due_instant(clock, dates.parse_period(keep["for"]), settings.zone, keep.get("until_end_of"),
                            settings.fiscal_starts, keep.get("count"))
    return "due", due


def judge_retention(settings, dataset, source, item, stated, now):
    """(findings, earliest due or None)."""
    keeps = as_list(dataset.get("keep"))
    if not keeps:
        return set(), None
    limits = []
    for purpose in [key or text for text, key in stated] if stated else [None]:
        keep = next((one for one in keeps if where_matches(one.get("where"), item, purpose)), None)
        if keep is not None:
            limits.append(limit_of(settings, dataset, source, item, keep))
    kinds = {kind for kind, _ in limits}
    if not limits or "running" in kinds:
        return set(), None
    if "unknown" in kinds:
        return {("retention", "undated")}, None
    due = max(due for _, due in limits)
    if now >= due:
        minimum = dataset.get("keep_at_least")
        if minimum:
            kind, least = limit_of(settings, dataset, source, item, minimum)
            if kind == "unknown":
                return {("retention", "undated")}, None
            if kind == "running" or now < least:
                return {("retention", "must-keep")}, due
        return {("retention", "expired")}, due
    begin = dates.warn_from(due, as_list(dataset.get("warn")), settings.zone)
    if begin is not None and begin <= now:
        return {("retention", "due-soon")}, due
    return set(), due


# --- consent ----------------------------------------------------------------------------------

class Ledger:
    """Events per (key field, subject): (instant, clock, kind, purpose or None, row purpose state)."""

    def __init__(self, settings, name, reading):
        self.settings = settings
        self.entry = settings.ledgers[name]
        self.source = self.entry["source"]
        self.rows = [item for part in reading.parts for item in part.items if item.readable]
        self.has_purpose = "purpose" in self.source["fields"]
        self.by_key = {}
        for row in self.rows:
            for field in self.source["fields"]:
                kind = key_type(field, self.source)
                key = subject_key(kind, row.values.get(field))
                if key:
                    self.by_key.setdefault((field, key), []).append(row)

    def date(self, row, field):
        if field not in self.source["fields"]:
            return dates.EMPTY
        return clock_of(self.settings, self.source, row, field)

    def row_purposes(self, row):
        """None: every purpose. Else the set of purposes named, which may be empty."""
        if not self.has_purpose:
            return None
        return {key for _, key in purposes_of(self.settings, self.source, row) if key}

    def events(self, field, key, now):
        """(instant, rank, kind, clock, purposes); rank makes withdrawals win at the same instant."""
        found = []
        for row in self.by_key.get((field, key), []):
            purposes = self.row_purposes(row)
            given, withdrawn = self.date(row, "given_at"), self.date(row, "withdrawn_at")
            if isinstance(given, dates.Clock):
                found.append((given.instant_in(self.settings.zone), 0, "given", given, purposes))
            if isinstance(withdrawn, dates.Clock):
                found.append((withdrawn.instant_in(self.settings.zone), 1, "withdrawn", withdrawn, purposes))
            elif withdrawn is dates.UNREADABLE:
                found.append((now, 1, "withdrawn", None, purposes))
        return [event for event in found if event[0] <= now]


def names_purpose(purposes, purpose):
    return purposes is None or purpose in purposes


def ask_ledger(settings, ledger, field, item_key, purpose, valid_for, now):
    """given, or a reason."""
    if item_key is None:
        return "no-subject"
    events = ledger.events(field, item_key, now)
    if not events:
        return "missing"
    relevant = [event for event in events if names_purpose(event[4], purpose)]
    if not relevant:
        return "other-purpose"
    newest = max(relevant, key=lambda event: event[:2])
    if newest[2] == "withdrawn":
        return "withdrawn"
    return "expired" if has_expired(settings, newest[3], valid_for, now) else "given"


def has_expired(settings, clock, valid_for, now):
    if not valid_for:
        return False
    return now >= dates.due_instant(clock, dates.parse_period(valid_for), settings.zone)


def row_answer(source, item, field):
    """given, refused, empty or unclear from a column of the row itself."""
    text = as_text(item.values.get(field))
    if not folded_text(text):
        return "empty"
    definition = source["fields"][field]
    values = definition.get("values", {}) if isinstance(definition, dict) else {}
    for spelling, meaning in values.items():
        if folded_text(spelling) == folded_text(text):
            return meaning
    return "unclear"


def ask_entry(settings, dataset, source, item, entry, purpose, ledgers, now):
    """All answers of one consent entry, one per key."""
    if "row" in entry:
        answer = row_answer(source, item, entry["row"])
        if answer == "given" and entry.get("valid_for"):
            clock = clock_of(settings, source, item, entry["at"])
            if not isinstance(clock, dates.Clock):
                return ["unclear"]
            return ["expired" if has_expired(settings, clock, entry["valid_for"], now) else "given"]
        return ["missing" if answer == "empty" else answer]
    answers = []
    for field in as_list(entry["by"]):
        key = subject_key(key_type(field, source), item.values.get(field))
        answers.append(ask_ledger(settings, ledgers[entry["ledger"]], field, key, purpose,
                                  entry.get("valid_for"), now))
    return answers


def latest_given(settings, dataset, source, item, purpose, ledgers, now):
    newest = None
    for entry in as_list(dataset.get("consent")):
        if "ledger" not in entry:
            continue
        for field in as_list(entry["by"]):
            key = subject_key(key_type(field, source), item.values.get(field))
            if key is None:
                continue
            for event in ledgers[entry["ledger"]].events(field, key, now):
                if event[2] == "given" and names_purpose(event[4], purpose):
                    newest = max(newest, event[0]) if newest else event[0]
    return newest


def opt_out_answers(settings, dataset, source, item, purpose, ledgers, now):
    answers = []
    for entry in as_list(dataset.get("opt_outs")):
        if "row" in entry:
            answer = row_answer(source, item, entry["row"])
            if answer in ("refused", "unclear"):
                answers.append(answer)
            continue
        ledger = ledgers[entry["ledger"]]
        for field in as_list(entry["by"]):
            key = subject_key(key_type(field, source), item.values.get(field))
            if key is None:
                answers.append("no-subject")
                continue
            for row in ledger.by_key.get((field, key), []):
                if opt_out_applies(settings, dataset, source, item, purpose, ledgers, ledger, row, now):
                    answers.append("opted-out")
    return answers


def opt_out_applies(settings, dataset, source, item, purpose, ledgers, ledger, row, now):
    if ledger.has_purpose and folded_text(row.values.get("purpose")):
        if purpose not in ledger.row_purposes(row):
            return False
    since = ledger.date(row, "opted_out_at")
    if not isinstance(since, dates.Clock):
        return True  # no readable date: nothing can be said to be later
    if since.instant_in(settings.zone) > now:
        return False
    given = latest_given(settings, dataset, source, item, purpose, ledgers, now)
    if given is None:
        return True
    if since.day:  # beats what was given on that day
        return given < dates.start_of_day(since.day + dt.timedelta(days=1), settings.zone)
    return given <= since.instant


def asked_purposes(settings, dataset, stated):
    if not dataset.get("consent") and not dataset.get("opt_outs"):
        return []
    keys = dataset["purposes"] if stated is None else [key for _, key in stated if key]
    return sorted({key for key in keys if settings.ground(key) == "consent"})


def judge_consent(settings, dataset, source, item, purpose, ledgers, now):
    """The reason why there is no consent for this purpose, or None."""
    stops = opt_out_answers(settings, dataset, source, item, purpose, ledgers, now)
    if "opted-out" in stops:
        return "opted-out"
    for reason in ("refused", "unclear"):
        if reason in stops:
            return reason
    if not dataset.get("consent"):
        return "no-subject" if "no-subject" in stops else None
    entries = [entry for entry in as_list(dataset["consent"])
               if "for" not in entry or purpose in as_list(entry["for"])]
    answers = [answer for entry in entries
               for answer in ask_entry(settings, dataset, source, item, entry, purpose, ledgers, now)]
    if "given" in answers:
        return None
    return next((reason for reason in CLOSENESS if reason in answers), "missing")
