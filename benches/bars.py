"""The bars: each makes its data, runs both sides and gives rows of the table."""
import datetime as dt
import json
import os
import shutil
import subprocess
import sys

import idle
import measure
import registers
import servers

HERE = os.path.dirname(os.path.abspath(__file__))
TOKYO = dt.timezone(dt.timedelta(hours=9))
DUCKDB = "2.0.1"


class Bench:
    """What the bars share: the binary, a folder for data, sizes, and what was noticed."""

    def __init__(self, binary, work, scale, runs):
        self.binary, self.work, self.scale, self.runs = binary, work, scale, runs
        self.now = dt.datetime.now(TOKYO).replace(microsecond=0)
        self.notes, self.differs, self.configurations = [], False, 0

    def data(self, kind, name, count):
        """Makes data once per folder; a mark beside it tells when, since ages depend on it."""
        folder = os.path.join(self.work, f"{kind}-{count}")
        mark = os.path.join(self.work, f"{kind}-{count}.made-at")
        if os.path.exists(mark):
            with open(mark, encoding="utf-8") as file:
                made_at = dt.datetime.fromisoformat(file.read())
            if self.now - made_at < dt.timedelta(hours=6):
                return folder, made_at
            shutil.rmtree(folder)
        os.makedirs(folder, exist_ok=True)
        target = os.path.join(folder, name) if name else folder
        command = [sys.executable, os.path.join(HERE, "data.py"), kind, target, str(count), self.now.isoformat()]
        subprocess.run(command, check=True)
        with open(mark, "w", encoding="utf-8") as file:
            file.write(self.now.isoformat())
        return folder, self.now

    def count(self, full):
        return max(1000, int(full * self.scale))

    def configuration(self, data, dataset, connections=""):
        self.configurations += 1
        folder = os.path.join(self.work, f"configuration-{self.configurations}")
        shutil.rmtree(folder, ignore_errors=True)
        return registers.write(folder, data, dataset, connections)

    def scan(self, config, now, *more):
        command = [self.binary, "scan", "--config", config, "--now", now.isoformat(), "--format", "json", *more]
        return measure.run(command)

    def row(self, what, ours, theirs, wanted, met, ratio):
        memory = f"{megabytes(ours.peak_bytes)} / {megabytes(theirs.peak_bytes)}"
        mark = "" if met else "missed"
        return f"| {what} | {ours.seconds:.2f} s | {theirs.seconds:.2f} s | {ratio} | {wanted} | {memory} | {mark} |"

    def agree(self, what, ours, theirs):
        """Notes when the two sides do not count the same."""
        if ours != theirs:
            self.differs = True
            self.notes.append(f"**{what}: the answers differ**: ours {ours}, theirs {theirs}")


def megabytes(size):
    return f"{size / 1e6:.0f} MB"


def counts(run):
    """(rule/reason) -> items, and all items, of a scan's answer."""
    answer = json.loads(run.output)
    found = {f"{finding['rule']}/{finding['reason']}": finding["items"] for finding in answer["findings"]}
    return {"items": sum(scan["items"] for scan in answer["scans"]), **found}


def list_against_duckdb(bench):
    folder, now = bench.data("list", "list.csv", bench.count(5_000_000))
    ledger, now = bench.data("ledger", "ledger.csv", bench.count(3_333_333))
    joint = os.path.join(bench.work, "joint")
    shutil.rmtree(joint, ignore_errors=True)
    os.makedirs(joint)
    files = [os.path.join(folder, "list.csv"), os.path.join(ledger, "ledger.csv")]
    for file in files:
        os.link(file, os.path.join(joint, os.path.basename(file)))
    config = bench.configuration(joint, registers.LIST)
    python = duckdb_python(bench)
    query = [python, os.path.join(HERE, "duckdb_query.py"), *files, now.isoformat()]
    ours, theirs = measure.side_by_side(
        bench.runs, lambda: bench.scan(config, now, "--dry-run"), lambda: measure.run(query)
    )
    expected = {name: items for name, items in json.loads(theirs.last.output).items() if items}
    bench.agree("list", counts(ours.last), expected)
    sizes = " and ".join(megabytes(os.path.getsize(file)) for file in files)
    bench.notes.append(f"list: {sizes} of CSV; counts {json.dumps(expected)}")
    faster, leaner = theirs.seconds / ours.seconds, theirs.peak_bytes / ours.peak_bytes
    yield bench.row("1: list and consent ledger, DuckDB " + DUCKDB, ours, theirs, ">= 4x faster, <= 1/5 memory",
                    faster >= 4 and leaner >= 5, f"{faster:.1f}x faster, 1/{leaner:.1f} memory")


def duckdb_python(bench):
    """A Python that has DuckDB, in an environment of its own."""
    environment = os.path.join(bench.work, "venv")
    python = os.path.join(environment, "bin", "python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", f"duckdb=={DUCKDB}"], check=True)
    return python


def recordings_against_find(bench):
    folder, now = bench.data("recordings", None, bench.count(1_000_000))
    find = ["find", folder, "-type", "f", "-mtime", "+180"]
    out = os.path.join(bench.work, "find.txt")
    for name, clock, wanted in [("date in the name", registers.NAME_CLOCK, 5), ("file time", registers.FILE_CLOCK, 1.3)]:
        config = bench.configuration(folder, registers.recordings("181 days", clock))
        ours, theirs = measure.side_by_side(
            bench.runs, lambda config=config: bench.scan(config, now, "--dry-run"), lambda: measure.run(find, output=out)
        )
        if clock is registers.FILE_CLOCK:
            with open(out, "rb") as file:
                bench.agree("recordings", counts(ours.last).get("retention/expired"), sum(1 for _ in file))
        faster = theirs.seconds / ours.seconds
        yield bench.row(f"2: recordings, {name}, find -mtime", ours, theirs, f">= {wanted}x faster", faster >= wanted,
                        f"{faster:.1f}x faster")


def footage_against_sqlite3(bench):
    folder, now = bench.data("footage", "footage.db", bench.count(10_000_000))
    config = bench.configuration(folder, registers.FOOTAGE)
    cut_off = now.timestamp() - 30 * 86_400
    select = f"SELECT id, camera, start_time FROM recordings WHERE start_time <= {cut_off!r}; SELECT COUNT(*) FROM recordings;"
    query = ["sqlite3", "-readonly", os.path.join(folder, "footage.db"), select]
    out = os.path.join(bench.work, "sqlite3.txt")
    ours, theirs = measure.side_by_side(
        bench.runs, lambda: bench.scan(config, now, "--dry-run"), lambda: measure.run(query, output=out)
    )
    with open(out, "rb") as file:
        lines = file.read().splitlines()
    answer = counts(ours.last)
    bench.agree("footage", (answer["items"], answer.get("retention/expired", 0)), (int(lines[-1]), len(lines) - 1))
    share = ours.seconds / theirs.seconds
    yield bench.row("3: footage index, sqlite3", ours, theirs, "<= 2x its time", share <= 2, f"{share:.2f}x its time")


def calls_against_clients(bench):
    count = bench.count(10_000_000)
    with servers.Servers(bench.work, count, bench.now) as running:
        for server in running.each():
            config = bench.configuration(bench.work, registers.CALLS, server.connection())
            out = os.path.join(bench.work, "client.txt")
            ours, theirs = measure.side_by_side(
                bench.runs, lambda config=config: bench.scan(config, bench.now, "--dry-run"),
                lambda server=server: measure.run(server.query(), output=out)
            )
            with open(out, "rb") as file:
                lines = file.read().splitlines()
            answer = counts(ours.last)
            found = (answer["items"], answer.get("retention/expired", 0))
            bench.agree(f"calls in {server.name}", found, (int(lines[-1]), len(lines) - 1))
            share = ours.seconds / theirs.seconds
            yield bench.row(f"4: calls in {server.name}, {server.client}", ours, theirs, "<= 1.3x its time", share <= 1.3,
                            f"{share:.2f}x its time")


def store_sets(bench):
    """Where a million flagged items come from: rows of a list, and names in a folder."""
    rows, made_at = bench.data("flagged", "flagged.csv", bench.count(1_000_000))
    yield "rows", bench.configuration(rows, registers.FLAGGED), made_at
    folder, made_at = bench.data("recordings", None, bench.count(1_000_000))
    config = bench.configuration(folder, registers.recordings("1 day", registers.NAME_CLOCK))
    yield "files", config, made_at + dt.timedelta(days=3)


def fresh(config):
    for name in ("state", "outbox"):
        shutil.rmtree(os.path.join(os.path.dirname(config), name), ignore_errors=True)


def rescan_against_first(bench):
    for kind, config, now in store_sets(bench):
        state = os.path.join(os.path.dirname(config), "state")
        first, again, growth = measure.Series(), measure.Series(), 0
        for round_number in range(bench.runs + 1):
            fresh(config)
            one = bench.scan(config, now)
            before = measure.folder_bytes(state)
            two = bench.scan(config, now + dt.timedelta(minutes=1))
            if round_number:
                first.add(one)
                again.add(two)
                growth = max(growth, measure.folder_bytes(state) - before)
        share = again.seconds / first.seconds
        yield bench.row(f"5: rescan of known {kind}, the first scan", again, first, "<= 1.1x, store <= +4 KiB",
                        share <= 1.1 and growth <= 4096, f"{share:.2f}x, {growth:+} bytes")


def storing_against_dry_run(bench):
    for kind, config, now in store_sets(bench):
        def storing(config=config, now=now):
            fresh(config)
            return bench.scan(config, now)

        def dry(config=config, now=now):
            fresh(config)
            return bench.scan(config, now, "--dry-run")

        ours, theirs = measure.side_by_side(bench.runs, storing, dry)
        share = ours.seconds / theirs.seconds
        flagged = counts(ours.last).get("retention/expired", 0)
        yield bench.row(f"6: {flagged:,} flagged {kind} stored, --dry-run", ours, theirs, "<= 1.5x", share <= 1.5,
                        f"{share:.2f}x")


def idle_daemon(bench):
    folder = os.path.join(bench.work, "idle")
    shutil.rmtree(folder, ignore_errors=True)
    resident, woken = idle.at_rest(bench.binary, folder)
    mark = "" if resident <= 30e6 and woken == 0 else "missed"
    yield (f"| 7: idle daemon, {idle.DATASETS} datasets | {woken} wake-ups in {idle.QUIET[1] - idle.QUIET[0]} s | | "
           f"{megabytes(resident)} resident | <= 30 MB, 0 between ticks | | {mark} |")


def cold_build(bench):
    target = os.path.join(bench.work, "target")
    shutil.rmtree(target, ignore_errors=True)
    command = ["cargo", "build", "--release", "--locked", "--quiet", "--target-dir", target]
    command += ["--manifest-path", os.path.join(os.path.dirname(HERE), "Cargo.toml")]
    build = measure.run(command)
    stripped = os.path.join(bench.work, "purposed-stripped")
    subprocess.run(["strip", "-o", stripped, os.path.join(target, "release", "purposed")], check=True)
    size = os.path.getsize(stripped)
    shutil.rmtree(target)
    mark = "" if build.seconds <= 480 and size <= 40e6 else "missed"
    yield (f"| 8: cold release build | {build.seconds / 60:.1f} min | | {megabytes(size)} stripped "
           f"| <= 8 min, <= 40 MB | {megabytes(build.peak_bytes)} | {mark} |")


# What an administrator would run: both lists of paths, sorted, and what stands in one of them alone.
COMPARE_LISTS = r"""
find "$1/files" -type f -printf '%P\n' | LC_ALL=C sort > "$2/found" &
sqlite3 -readonly "$1/index.db" "SELECT substr(path, 17) FROM recordings" | LC_ALL=C sort > "$2/named"
wait
LC_ALL=C comm -13 "$2/found" "$2/named" | wc -l
LC_ALL=C comm -23 "$2/found" "$2/named" | wc -l
"""


def index_against_files(bench):
    count = bench.count(10_000_000)
    folder, now = bench.data("archive", None, count)
    connection = f'[connections.archive]\nurl = "sqlite:{os.path.join(folder, "index.db")}"\n'
    config = bench.configuration(folder, registers.ARCHIVE, connection)
    command = ["sh", "-c", COMPARE_LISTS, "sh", folder, bench.work]
    ours, theirs = measure.side_by_side(
        bench.runs, lambda: bench.scan(config, now, "--dry-run"), lambda: measure.run(command)
    )
    answer = counts(ours.last)
    found = [answer.get(f"reconciliation/{reason}", 0) for reason in ("row-without-file", "file-without-row")]
    bench.agree("index and files", found, [int(line) for line in theirs.last.output.split()])
    faster = theirs.seconds / ours.seconds
    yield bench.row(f"9: {count:,} rows against as many files, find + sort + comm", ours, theirs, "bounded memory", True,
                    f"{faster:.1f}x faster")


BARS = {
    1: list_against_duckdb,
    2: recordings_against_find,
    3: footage_against_sqlite3,
    4: calls_against_clients,
    5: rescan_against_first,
    6: storing_against_dry_run,
    7: idle_daemon,
    8: cold_build,
    9: index_against_files,
}
