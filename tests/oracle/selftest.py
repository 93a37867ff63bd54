"""The oracle against answers computed by hand: python3 selftest.py [NAME]."""
import datetime as dt
import sys
import tempfile
import os

import worlds
from oracle import Oracle


def answers(result, dataset):
    return {f"{one['rule']}:{one['reason']}": one for one in result["findings"] if one["dataset"] == dataset}


def differences(world, step, result):
    for dataset, expected in world.expect.get(step, {}).items():
        got = answers(result, dataset)
        scan = next(one for one in result["scans"] if one["dataset"] == dataset)
        expected = dict(expected)
        for key in ("status", "items", "undecidable"):
            if key in expected:
                wanted = expected.pop(key)
                if scan[key] != wanted:
                    yield f"{dataset} {key}: by hand {wanted}, oracle {scan[key]}"
        for key in sorted(set(expected) | set(got)):
            if key not in got or key not in expected:
                yield f"{dataset} {key}: by hand {expected.get(key)}, oracle {got[key]['items'] if key in got else None}"
                continue
            wanted, one = expected[key], got[key]
            if isinstance(wanted, int):
                wanted = (wanted, None)
            if len(wanted) == 4:
                have = (one["items"], one["new"], one["continuing"], one["gone"])
                if have != wanted:
                    yield f"{dataset} {key}: by hand {wanted}, oracle {have}"
                continue
            due = dt.datetime.fromisoformat(wanted[1]) if wanted[1] else None
            if one["items"] != wanted[0] or (due and one["earliest_due"] != due):
                yield f"{dataset} {key}: by hand {wanted}, oracle {one['items']} {one['earliest_due']}"


def check(world):
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        world.write(folder)
        oracle, number = Oracle(), 0
        for kind, *arguments in world.steps:
            if kind == "change":
                arguments[0](folder)
            elif kind == "confirm":
                oracle.confirm(arguments[0])
            else:
                now = dt.datetime.fromisoformat(arguments[0])
                result = oracle.scan(folder, now, *arguments[1:2], dry_run=kind == "dry")
                problems.extend(f"step {number}: {one}" for one in differences(world, number, result))
                number += 1
    return problems


def main():
    wanted, failed, checked = sys.argv[1:], 0, 0
    for world in worlds.fixed_worlds():
        if (wanted and world.name not in wanted) or not world.expect:
            continue
        checked += 1
        for problem in check(world):
            failed += 1
            print(f"{world.name}: {problem}")
    print(f"{checked} worlds with hand-computed answers, {failed} differences")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
