"""Makes the data of the benchmarks, the same every time. Run as a process of its own:

    python3 data.py list|ledger|recordings|footage|flagged TARGET COUNT NOW
"""
import datetime as dt
import os
import subprocess
import sys

MIX = 2654435761  # Knuth's multiplicative hash: spreads neighbouring numbers.
CHUNK = 20_000


def mixed(number):
    number = (number * MIX) & 0xFFFFFFFF
    return (number ^ (number >> 15)) & 0xFFFFFFFF


def days_before(now, count):
    return [(now - dt.timedelta(days=day)).strftime("%Y-%m-%d") for day in range(count)]


def write_lines(path, header, count, line):
    with open(path, "w", encoding="utf-8", buffering=1 << 20) as file:
        file.write(header + "\n")
        for start in range(0, count, CHUNK):
            file.write("".join([line(number) for number in range(start, min(start + CHUNK, count))]))


PURPOSES = ["seminar-information"] * 10 + ["情報提供"] * 3 + ["sending-materials"] * 4 + ["集計", "懸賞", ""]


def make_list(path, count, now):
    """A list as a company keeps it: 20 purposes in 2 spellings, some rows without date or address."""
    dates = days_before(now, 1_100)

    def line(number):
        seed = mixed(number)
        person = seed % 6_000_000
        date = "" if seed % 997 == 0 else dates[(seed >> 5) % 1_100]
        address = "" if seed % 211 == 0 else (f"User{person}@Example.com" if seed % 10 == 0 else f"user{person}@example.com")
        return (
            f"{number},{address},Name {person},Company {seed % 9973} Inc.,{seed % 1000:03}-{seed % 10000:04},"
            f"{date},{PURPOSES[(seed >> 9) % 20]},free text note {seed % 100000}\n"
        )

    write_lines(path, "id,email,name,company,postcode,collected_at,purpose,note", count, line)


def make_ledger(path, count, now):
    """Consents: some withdrawn, some too old, some for another purpose, a few still to come."""
    dates = days_before(now + dt.timedelta(days=3), 1_200)
    purposes = ["seminar-information"] * 6 + ["sending-materials"] * 3 + ["survey-analysis"]

    def line(number):
        seed = mixed(number + 77_777_777)
        person = seed % 6_000_000
        day = (seed >> 7) % 1_200
        withdrawn = f"{dates[day * (seed % 89) // 100]}T23:30:{seed % 60:02}" if seed % 25 == 0 else ""
        return f"user{person}@example.com,{purposes[(seed >> 4) % 10]},{dates[day]}T{seed % 23:02}:{seed % 60:02}:00,{withdrawn}\n"

    write_lines(path, "email,purpose,given_at,withdrawn_at", count, line)


def make_recordings(folder, count, now):
    """Recordings over a year and a half in FreePBX's naming; the file time is the call's, too."""
    per_day = max(1, count // 540)
    number = 0
    now_seconds = now.timestamp()
    while number < count:
        day = number // per_day
        at = now - dt.timedelta(days=day, hours=12)
        seconds = now_seconds - day * 86_400 - 43_200
        below = os.path.join(folder, at.strftime("%Y/%m/%d"))
        os.makedirs(below, exist_ok=True)
        descriptor = os.open(below, os.O_RDONLY)
        stamp = at.strftime("%Y%m%d")
        for number in range(number, min(number + per_day, count)):
            name = f"in-0500000000-0990{number % 1000000:07}-{stamp}-{number % 24:02}{number % 60:02}00-{int(seconds)}.{number}.wav"
            file = os.open(name, os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=descriptor)
            os.utime(file, (seconds, seconds))
            os.close(file)
        os.close(descriptor)
        number += 1


FOOTAGE = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;
CREATE TABLE "recordings" (
    "id" VARCHAR(30) NOT NULL PRIMARY KEY, "camera" VARCHAR(20) NOT NULL, "path" VARCHAR(255) NOT NULL,
    "start_time" DATETIME NOT NULL, "end_time" DATETIME NOT NULL, "duration" REAL NOT NULL,
    "motion" INTEGER, "objects" INTEGER, "dBFS" INTEGER, "segment_size" REAL NOT NULL DEFAULT 0, "regions" INTEGER);
INSERT INTO recordings
SELECT printf('%.6f-%06d', at, value % 1000000), 'camera-' || (value % 16),
       '/media/frigate/recordings/' || strftime('%Y-%m-%d/%H', at, 'unixepoch') || '/camera-' || (value % 16) || '/' || value || '.mp4',
       at, at + 10.0, 10.0, 0, 0, 0, 1.5, 0
FROM (SELECT value, {first} + value * {step} AS at FROM generate_series(0, {last}));
CREATE INDEX "recordings_api_recordings" ON "recordings" (start_time DESC, end_time DESC);
CREATE INDEX "recordings_camera" ON "recordings" (camera);
"""


def make_footage(path, count, now):
    """A recorder's index of which one row in a hundred is older than thirty days."""
    span = 30 * 86_400 / 0.99
    first = now.timestamp() - span
    script = FOOTAGE.format(first=f"{first:.3f}", step=f"{span / count:.9f}", last=count - 1)
    subprocess.run(["sqlite3", path], input=script, text=True, check=True, stdout=subprocess.DEVNULL)


ARCHIVE = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
CREATE TABLE recordings (id INTEGER PRIMARY KEY, path TEXT NOT NULL, start_time REAL NOT NULL);
INSERT INTO recordings SELECT value, printf('/media/recorder/%05d/%d.mp4', value / 2000, value), {first} + value * 0.01
FROM generate_series(0, {last});
"""


def make_archive(folder, count, now):
    """A recorder's index and its files. One row in a thousand has no file, and as many files have no row."""
    first = now.timestamp() - 20 * 86_400
    script = ARCHIVE.format(first=f"{first:.3f}", last=count - 1)
    subprocess.run(["sqlite3", os.path.join(folder, "index.db")], input=script, text=True, check=True,
                   stdout=subprocess.DEVNULL)
    for begin in range(0, count, 2000):
        below = os.path.join(folder, "files", f"{begin // 2000:05}")
        os.makedirs(below)
        descriptor = os.open(below, os.O_RDONLY)
        for number in range(begin, min(begin + 2000, count)):
            name = f"left-{number}.mp4" if number % 1000 == 0 else f"{number}.mp4"
            file = os.open(name, os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=descriptor)
            os.utime(file, (first, first))
            os.close(file)
        os.close(descriptor)


def make_flagged(path, count, now):
    """A list of which every row is over its time."""
    dates = days_before(now - dt.timedelta(days=400), 400)
    write_lines(path, "id,name,collected_at", count, lambda number: f"K{number:08},Name {number},{dates[mixed(number) % 400]}\n")


if __name__ == "__main__":
    kind, target, count, now = sys.argv[1:]
    makers = {"list": make_list, "ledger": make_ledger, "recordings": make_recordings, "footage": make_footage, "archive": make_archive,
              "flagged": make_flagged}
    makers[kind](target, int(count), dt.datetime.fromisoformat(now))
