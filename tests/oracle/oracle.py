"""The oracle: what a right program answers to `purposed scan` for a configuration folder at an instant.

    python3 oracle.py FOLDER NOW

`Oracle` remembers between scans what the store would, in the simplest form: per dataset and part the flagged
items with their findings, and how many items there were.
"""
import datetime as dt
import json
import sys

import dates
import judging
from reading import read_source
from settings import Settings, as_list

SECOND_SCAN_AFTER = dt.timedelta(hours=20)
WHOLE_DATASET = "*"


class Known:
    """What was known of one dataset after its last stored scan."""

    def __init__(self):
        self.scanned = False
        self.counts = {}     # part -> items
        self.flags = {}      # (part, identity, repeat) -> {(rule, reason)}
        self.dues = {}       # (part, identity, repeat) -> due
        self.suspect = {}    # part or WHOLE_DATASET -> since when
        self.suspect_items = {}  # the same -> how many items the first suspicious scan saw there
        self.early_lost = 0  # items that vanished before they were due, unexplained
        self.unseen = []     # (day, how many) of items that left a finding and were not seen any more
        self.sources = set()  # dataset-level source reasons of the last scan
        self.confirmed = False
        self.doubted = False  # the last scan looked empty or shrunken
        self.total = 0

    def flagged_in(self, part=None):
        return sum(1 for key in self.flags if part is None or key[0] == part)


class Oracle:
    def __init__(self):
        self.known = {}
        self.ledger_had_rows = {}

    def confirm(self, dataset):
        self.known[dataset].confirmed = True

    def scan(self, folder, now, only=None, dry_run=False):
        settings = Settings(folder)
        ledgers, sick = self.read_ledgers(settings, dry_run)
        scans, findings = [], []
        for name in sorted(settings.datasets):
            if only and name not in only:
                continue
            scan, found, known = self.scan_dataset(settings, name, ledgers, sick, now)
            scans.append(scan)
            findings.extend(found)
            if not dry_run:
                self.known[name] = known
        findings.sort(key=lambda one: (one["dataset"], one["rule"], one["reason"]))
        return {"now": now, "scans": scans, "findings": findings}

    def read_ledgers(self, settings, dry_run):
        ledgers, sick = {}, {}
        for name, entry in settings.ledgers.items():
            reading = read_source(settings, entry["source"])
            rows = sum(len(part.items) for part in reading.parts)
            if reading.status == "unreachable" or any(not part.whole for part in reading.parts):
                sick[name] = "ledger-unreachable"
            elif reading.status == "no-match" or (rows == 0 and self.ledger_had_rows.get(name)):
                sick[name] = "ledger-empty"
            else:
                ledgers[name] = judging.Ledger(settings, name, reading)
                if not dry_run:
                    self.ledger_had_rows[name] = rows > 0
        return ledgers, sick

    def scan_dataset(self, settings, name, ledgers, sick, now):
        dataset, before = settings.datasets[name], self.known.get(name, Known())
        source = dataset["source"]
        used = [entry["ledger"] for kind in ("consent", "opt_outs")
                for entry in as_list(dataset.get(kind)) if "ledger" in entry]
        source_reasons = {sick[ledger] for ledger in used if ledger in sick}
        is_sick = bool(source_reasons)
        reading = read_source(settings, source)
        after = Known()
        after.scanned = True
        items = undecidable = 0
        seen = set()
        repeats = {}
        for part in reading.parts:
            after.counts[part.name] = len(part.items)
            for item in part.items:
                items += 1
                number = repeats[item.identity] = repeats.get(item.identity, 0) + 1
                key = (part.name, item.identity, number)
                seen.add(key)
                flags, due, unsure = self.judge(settings, dataset, source, item, ledgers, is_sick, now)
                if is_sick and item.readable:
                    flags |= {flag for flag in before.flags.get(key, ()) if flag[0] == "consent"}
                undecidable += unsure
                if flags:
                    after.flags[key] = flags
                    after.dues[key] = due
        status = self.wholeness(dataset, reading, before, after, seen, items, source_reasons, now)
        after.sources = source_reasons
        self.losses(settings, dataset, before, after, seen, items, status, now)
        scan = {"dataset": name, "status": status, "items": items, "undecidable": undecidable}
        return scan, self.findings(settings, name, dataset, before, after, seen, items, status, now), after

    def judge(self, settings, dataset, source, item, ledgers, is_sick, now):
        """(findings, due, 1 when something could not be decided)."""
        if not item.readable:
            return {("source", "unreadable")}, None, 1
        stated = judging.purposes_of(settings, source, item)
        flags, due = judging.judge_retention(settings, dataset, source, item, stated, now)
        unsure = ("retention", "undated") in flags
        flags = set(flags) | judging.judge_purpose(dataset, stated)
        for purpose in judging.asked_purposes(settings, dataset, stated):
            if is_sick:
                unsure = True
                continue
            reason = judging.judge_consent(settings, dataset, source, item, purpose, ledgers, now)
            if reason:
                flags.add(("consent", reason))
                unsure = unsure or reason == "unclear"
        return flags, due, int(unsure)

    def wholeness(self, dataset, reading, before, after, seen, items, source_reasons, now):
        """Adds to `after` what is kept of `before`; returns the status."""
        if reading.status == "unreachable":
            source_reasons.add("unreachable")
            keep(before, after, seen, lambda key: True)
            after.counts, after.suspect, after.total = dict(before.counts), dict(before.suspect), before.total
            after.suspect_items = dict(before.suspect_items)
            after.scanned = before.scanned
            return "failed"
        partial = {part.name for part in reading.parts if not part.whole}
        if partial:
            source_reasons.add("partial")
            for name in partial:
                after.counts[name] = max(before.counts.get(name, 0), after.counts[name])
        total_before, total_now = sum(before.counts.values()), sum(after.counts.values())
        suspicions = {}
        if not (dataset.get("may_be_empty") and items == 0 and not partial):
            if reading.status == "no-match" or (items == 0 and total_before > 0 and not partial):
                suspicions[WHOLE_DATASET] = "empty"
            elif lost_too_much(total_before, total_now, before.flagged_in()):
                suspicions[WHOLE_DATASET] = "shrunken"
            for name, count in after.counts.items():
                if WHOLE_DATASET not in suspicions and lost_too_much(
                        before.counts.get(name, 0), count, before.flagged_in(name)):
                    suspicions[name] = "shrunken"
        for scope, reason in suspicions.items():
            count = sum(len(part.items) for part in reading.parts if scope in (WHOLE_DATASET, part.name))
            first = before.suspect_items.get(scope, count)
            agrees = scope in before.suspect and not lost_too_much(first, count, 0)
            since = before.suspect[scope] if agrees else now
            after.suspect_items[scope] = first if agrees else count
            accepted = before.confirmed or (before.scanned and agrees
                                            and now - since >= SECOND_SCAN_AFTER and not partial)
            if accepted:
                if reason == "empty" and reading.status == "no-match":
                    source_reasons.add("empty")
                    after.suspect[scope] = since
                continue
            source_reasons.add(reason)
            after.suspect[scope] = since
            if scope == WHOLE_DATASET:
                keep(before, after, seen, lambda key: True)
                after.counts = {**after.counts, **before.counts}
            else:
                keep(before, after, seen, lambda key, scope=scope: key[0] == scope)
                after.counts[scope] = before.counts[scope]
        for name in partial:
            keep(before, after, seen, lambda key, name=name: key[0] == name)
        after.doubted = bool(suspicions)
        return "partial" if partial else "complete"

    def losses(self, settings, dataset, before, after, seen, items, status, now):
        """What left and is not seen any more, and what vanished before it was due."""
        after.early_lost, after.unseen = before.early_lost, list(before.unseen)
        gone = {key: flags for key, flags in before.flags.items() if key not in after.flags and key not in seen}
        left = sum(len(flags - {("source", "unreadable")}) for flags in gone.values())
        if left:
            after.unseen.append((now.astimezone(settings.zone).date(), left))
        fine = items == 0 and dataset.get("may_be_empty")
        if status != "complete" or after.doubted or before.confirmed or fine:
            return
        warned = [before.dues[key] for key, flags in before.flags.items() if ("retention", "due-soon") in flags]
        due = {("retention", "expired")} | ({("retention", "due-soon")} if warned and min(warned) <= now else set())
        percent = int(str(dataset.get("early_loss", "10")).rstrip(" %"))

        def too_many(part):
            was, there = ((sum(before.counts.values()), sum(after.counts.values())) if part is None
                          else (before.counts[part], after.counts[part]))
            disposed = sum(1 for key, flags in gone.items() if part in (None, key[0]) and flags & due)
            lost = was - there - disposed
            return lost if lost >= 20 and lost * 100 > was * percent else 0

        still = [part for part in before.counts if part in after.counts]
        after.early_lost += max(too_many(None), sum(too_many(part) for part in still))

    def findings(self, settings, name, dataset, before, after, seen, items, status, now):
        found = []
        for reason in after.sources:
            found.append(self.finding(name, dataset, "source", reason, 0, 0, 0, 0, None))
        if after.early_lost:
            found.append(self.finding(name, dataset, "source", "early-loss", after.early_lost,
                                      after.early_lost - before.early_lost, before.early_lost, 0, None))
        today = now.astimezone(settings.zone).date()
        late = sum(count for day, count in before.unseen if day + dt.timedelta(days=30) < today)
        if late:
            found.append(self.finding(name, dataset, "source", "closure-unexplained", late, 0, late, 0, None))
        kinds = {flag for flags in after.flags.values() for flag in flags}
        for rule, reason in kinds:
            now_in = {key for key, flags in after.flags.items() if (rule, reason) in flags}
            was_in = {key for key, flags in before.flags.items() if (rule, reason) in flags}
            dues = [after.dues[key] for key in now_in if after.dues.get(key)]
            has_due = rule == "retention" and reason != "undated"
            found.append(self.finding(
                name, dataset, rule, reason, len(now_in), len(now_in - was_in), len(now_in & was_in),
                len(was_in - now_in), min(dues) if dues and has_due else None))
        required = settings.categories.get(dataset.get("category"), {}).get("require_provenance", [])
        total = sum(after.counts.values())
        if total and any(not dataset.get("provenance", {}).get(field) for field in required):
            before_total = before.total
            found.append(self.finding(name, dataset, "provenance", "incomplete", total,
                                      max(total - before_total, 0), min(total, before_total),
                                      max(before_total - total, 0), None))
        after.total = total
        return found

    @staticmethod
    def finding(name, dataset, rule, reason, items, new, continuing, gone, due):
        return {"dataset": name, "division": dataset.get("division"), "rule": rule, "reason": reason,
                "items": items, "new": new, "continuing": continuing, "gone": gone, "earliest_due": due,
                "state": "open"}


def keep(before, after, seen, concerns):
    """What was known of items that were not seen stays."""
    for key, flags in before.flags.items():
        if concerns(key) and key not in seen:
            after.flags[key] = set(flags)
            after.dues[key] = before.dues.get(key)


def lost_too_much(before, now, flagged):
    lost = before - now
    return lost > flagged and lost * 2 > before


def main():
    expected = Oracle().scan(sys.argv[1], dt.datetime.fromisoformat(sys.argv[2]))
    print(json.dumps(expected, default=lambda value: value.isoformat(), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
