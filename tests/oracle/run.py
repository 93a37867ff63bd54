"""Runs a purposed binary over every world and compares it with the oracle.

    python3 tests/oracle/run.py [--binary PATH] [--seed N] [--worlds N] [--only NAME] [--keep] [--list]

Exit 0: everything agrees. Exit 1: at least one difference, each printed with world, step and what was expected.
Beside the answers it looks for canaries (values of the data) in letters, logs and the state folder, and checks that
no source file changed its content or its times.
"""
import argparse
import collections
import datetime as dt
import email
import email.policy
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import worlds
from oracle import Oracle

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))


def default_binary():
    folders = [os.environ.get("CARGO_TARGET_DIR"), os.path.join(PROJECT, "target")]
    candidates = [os.path.join(folder, kind, "purposed") for folder in folders if folder for kind in ("release", "debug")]
    present = [path for path in candidates if os.path.exists(path)]
    return max(present, key=os.path.getmtime) if present else None


def snapshot(folder):
    """path -> (sha256, mtime) of everything under data/; `-shm` files of SQLite are exempt."""
    state = {}
    for base, _, names in os.walk(os.path.join(folder, "data")):
        for name in names:
            path = os.path.join(base, name)
            if name.endswith("-shm"):
                continue
            with open(path, "rb") as file:
                state[os.path.relpath(path, folder)] = (hashlib.sha256(file.read()).hexdigest(), os.stat(path).st_mtime_ns)
    return state


class Checker:
    def __init__(self, binary, keep):
        self.binary = binary
        self.keep = keep
        self.problems = []
        self.scans = 0

    def run(self, *arguments):
        return subprocess.run([self.binary, *arguments], capture_output=True, timeout=120)

    def check(self, world):
        """The problems of one world."""
        self.problems, folder = [], tempfile.mkdtemp(prefix=f"oracle-{world.name}-")
        try:
            world.write(folder)
            self.play(world, folder)
        finally:
            if self.keep:
                print(f"{world.name}: {folder}")
            else:
                shutil.rmtree(folder, ignore_errors=True)
        return self.problems

    def play(self, world, folder):
        oracle, config, number = Oracle(), os.path.join(folder, "purposed.toml"), 0
        logs = b""
        for kind, *arguments in world.steps:
            if kind == "change":
                arguments[0](folder)
                continue
            if kind == "confirm":
                oracle.confirm(arguments[0])
                done = self.run("confirm", arguments[0], "--config", config, *(["--now", arguments[1]] if len(arguments) > 1 else []))
                logs += done.stderr
                if done.returncode != 0:
                    self.problem(f"confirm: exit {done.returncode}: {done.stderr.decode(errors='replace').strip()[:400]}")
                continue
            now, only = arguments[0], arguments[1] if len(arguments) > 1 else []
            expected = oracle.scan(folder, dt.datetime.fromisoformat(now), only=only, dry_run=kind == "dry")
            before = snapshot(folder)
            done = self.run("scan", "--config", config, "--now", now, "--format", "json", *only, *(["--dry-run"] if kind == "dry" else []))
            self.scans += 1
            logs += done.stderr
            if snapshot(folder) != before:
                self.problem(f"step {number}: a source file or its time changed: {changed(before, snapshot(folder))}")
            self.compare(number, expected, done)
            number += 1
            last = now, expected, done.stdout
        if world.list_items and kind == "scan":
            self.compare_lists(config, *last)
        self.verify_evidence(config)
        self.look_for_canaries(world, folder, logs)

    def compare_lists(self, config, now, expected, answer):
        """`purposed items` streams as many items as the finding counts."""
        wanted = {(one["dataset"], one["rule"], one["reason"]): one["items"] for one in expected["findings"]}
        for one in json.loads(answer)["findings"]:
            if one["items"] == 0:
                continue
            done = self.run("items", one["id"], "--config", config, "--now", now, "--format", "jsonl")
            lines = [line for line in done.stdout.split(b"\n") if line.strip()]
            label = "items of {} {}:{}".format(one["dataset"], one["rule"], one["reason"])
            if done.returncode != 0:
                self.problem(f"{label}: exit {done.returncode}: {done.stderr.decode(errors='replace').strip()[:300]}")
            elif len(lines) != wanted.get((one["dataset"], one["rule"], one["reason"])):
                self.problem(f"{label}: expected {wanted.get((one['dataset'], one['rule'], one['reason']))} lines, got {len(lines)}")

    def verify_evidence(self, config):
        done = self.run("evidence", "verify", "--config", config)
        if done.returncode != 0:
            self.problem(f"evidence verify: exit {done.returncode}: {(done.stdout + done.stderr).decode(errors='replace').strip()[:300]}")

    def problem(self, text):
        self.problems.append(text)

    def compare(self, step, expected, done):
        try:
            got = json.loads(done.stdout)
        except ValueError:
            self.problem(f"step {step}: no JSON, exit {done.returncode}: {done.stderr.decode(errors='replace').strip()[:800]}")
            return
        whole = all(scan["status"] == "complete" for scan in expected["scans"])
        if done.returncode != (0 if whole else 3):
            self.problem(f"step {step}: exit code: expected {0 if whole else 3}, got {done.returncode}")
        theirs = {scan["dataset"]: scan for scan in got["scans"]}
        if sorted(theirs) != sorted(scan["dataset"] for scan in expected["scans"]):
            self.problem(f"step {step}: datasets scanned: expected {[scan['dataset'] for scan in expected['scans']]}, got {sorted(theirs)}")
        for scan in expected["scans"]:
            for key in ("status", "items", "undecidable"):
                value = theirs.get(scan["dataset"], {}).get(key)
                if value != scan[key]:
                    self.problem(f"step {step}: {scan['dataset']}: {key}: expected {scan[key]}, got {value}"
                                 f"  problems: {json.dumps(theirs.get(scan['dataset'], {}).get('problems'), ensure_ascii=False)[:300]}")
        self.compare_findings(step, expected["findings"], got["findings"])

    def compare_findings(self, step, expected, got):
        def key(one):
            return one["dataset"], one["rule"], one["reason"]
        theirs, ours = collections.OrderedDict((key(one), one) for one in got), {key(one): one for one in expected}
        if len(theirs) != len(got):
            self.problem(f"step {step}: a finding is told twice: {[key(one) for one in got]}")
        for name in sorted(set(ours) | set(theirs)):
            label = "{} {}:{}".format(*name)
            if name not in theirs:
                self.problem(f"step {step}: {label}: expected {counts(ours[name])}, got no such finding")
                continue
            if name not in ours:
                self.problem(f"step {step}: {label}: expected no such finding, got {counts(theirs[name])}")
                continue
            mine, one = ours[name], theirs[name]
            if counts(mine) != counts(one):
                self.problem(f"step {step}: {label}: expected {counts(mine)}, got {counts(one)}")
            if one.get("division") != mine["division"] or one.get("state") != mine["state"]:
                self.problem(f"step {step}: {label}: division/state {one.get('division')}/{one.get('state')}")
            due = dt.datetime.fromisoformat(one["earliest_due"]) if one.get("earliest_due") else None
            if due != mine["earliest_due"] and name[1] == "retention":
                self.problem(f"step {step}: {label}: earliest_due: expected {mine['earliest_due']}, got {one.get('earliest_due')}")
        if list(theirs) != sorted(theirs):
            self.problem(f"step {step}: findings are not sorted by dataset, rule, reason: {list(theirs)}")

    def look_for_canaries(self, world, folder, logs):
        haystacks = {"standard error": logs}
        for place in ("outbox", "state"):
            for base, _, names in os.walk(os.path.join(folder, place)):
                for name in names:
                    path = os.path.join(base, name)
                    with open(path, "rb") as file:
                        data = file.read()
                    if place == "outbox":
                        data += decoded_mail(data)
                    haystacks[os.path.relpath(path, folder)] = data
        for where, data in haystacks.items():
            for canary in sorted(world.canaries):
                for encoding in ("utf-8", "utf-16-le", "cp932"):
                    needle = canary.encode(encoding, errors="ignore")
                    if len(needle) >= 6 and needle in data:
                        self.problem(f"canary {canary!r} found in {where}")
                        break


def counts(one):
    return {key: one.get(key) for key in ("items", "new", "continuing", "gone")}


def changed(before, after):
    return sorted(path for path in set(before) | set(after) if before.get(path) != after.get(path))


def decoded_mail(data):
    message = email.message_from_bytes(data, policy=email.policy.default)
    texts = [str(value) for value in message.values()]
    for part in message.walk():
        if part.get_content_maintype() == "text":
            texts.append(part.get_content())
    return "\n".join(texts).encode()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=default_binary())
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worlds", type=int, default=60, help="how many random worlds")
    parser.add_argument("--only", action="append", help="only worlds whose name begins so")
    parser.add_argument("--keep", action="store_true", help="keep the folders")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if not options.binary and not options.list:
        parser.error("no purposed binary: build one or name it with --binary")
    started, failed, checked = time.monotonic(), 0, 0
    checker = Checker(options.binary and os.path.abspath(options.binary), options.keep)
    for world in worlds.all_worlds(options.seed, options.worlds):
        if options.only and not any(world.name.startswith(one) for one in options.only):
            continue
        if options.list:
            print(world.name)
            continue
        checked += 1
        problems = checker.check(world)
        if problems:
            failed += 1
            print(f"\n== {world.name}")
            for problem in problems[:40]:
                print(f"   {problem}")
    if not options.list:
        print(f"\n{checked} worlds, {checker.scans} scans, {failed} worlds differ, {time.monotonic() - started:.0f} s, seed {options.seed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
