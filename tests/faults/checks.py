"""What must hold after whatever went wrong."""

import sqlite3
from collections import defaultdict

# How many letters may be on their way at once: so many may arrive twice when one run is cut off.
AT_ONCE = 8


def all_is_well(company, post, attempts_cut):
    """Raises where something was lost. `attempts_cut` bounds how many letters may have arrived twice."""
    settle(company)
    evidence_is_intact(company)
    database_is_whole(company)
    letters_arrived(company, post, attempts_cut)
    findings_are_true(company)


def settle(company):
    """A scan in peace, after which nothing may wait."""
    answer = company.run("scan")
    assert answer.returncode == 0, f"a scan in peace failed: {answer.stderr}"
    again = company.run("scan", "--format", "json")
    assert again.returncode == 0, again.stderr


def evidence_is_intact(company):
    answer = company.run("evidence", "verify")
    assert answer.returncode == 0, f"evidence: {answer.stdout}{answer.stderr}"


def database_is_whole(company):
    with sqlite3.connect(f"file:{company.state}/purposed.db?mode=ro", uri=True) as database:
        ask = lambda sql: database.execute(sql).fetchall()
        assert ask("PRAGMA integrity_check") == [("ok",)]
        assert ask("PRAGMA foreign_key_check") == []
        lost = ask("SELECT count(*) FROM chunk WHERE generation NOT IN (SELECT generation FROM part"
                   " WHERE generation IS NOT NULL)")
        assert lost == [(0,)], f"{lost} lists that nothing points to"


def letters_arrived(company, post, attempts_cut):
    with sqlite3.connect(f"file:{company.state}/purposed.db?mode=ro", uri=True) as database:
        queued = database.execute("SELECT message_id, state FROM letter").fetchall()
    assert queued, "no letter was ever written: the test tests nothing"
    waiting = [letter for letter in queued if letter[1] != "accepted"]
    assert not waiting, f"letters still wait: {waiting}"
    copies = defaultdict(list)
    with post.lock:
        for message_id, recipient, message in post.taken:
            copies[message_id].append((recipient, message))
    lost = {message_id for message_id, _ in queued} - set(copies)
    assert not lost, f"letters that nobody got: {lost}"
    unknown = set(copies) - {message_id for message_id, _ in queued}
    assert not unknown, f"letters that the outbox does not know: {unknown}"
    for message_id, letters in copies.items():
        assert len(set(letters)) == 1, f"{message_id} came in different words"
    doubles = sum(len(letters) - 1 for letters in copies.values())
    assert doubles <= attempts_cut * AT_ONCE, f"{doubles} letters came twice after {attempts_cut} cuts"
    return doubles


def findings_are_true(company):
    """The findings are those of a store that saw nothing but the last state of things."""
    known = company.findings()
    fresh = company.in_peace()
    assert fresh.run("scan").returncode == 0
    assert fresh.findings() == known, "the findings are not those of a scan in peace"
