-- Version 2: what the daemon remembers. Nothing in it is a record of a person either: exceptions and disposals
-- name staff by their names in the register.

-- Flagged items are records of 24 bytes now: a keyed digest of 16, the reasons that no exception covers as a
-- little-endian number of 4, and those under an exception as another one. (The lists are written anew by the
-- migration's own code, and this table replaces the old one.)
CREATE TABLE chunk_2 (
    generation INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    records    BLOB NOT NULL CHECK (length(records) % 24 = 0),
    PRIMARY KEY (generation, number)
) STRICT;

-- Findings: how many items are under an exception, and who has answered.
CREATE TABLE finding_2 (
    id               TEXT PRIMARY KEY,
    dataset_id       INTEGER NOT NULL REFERENCES dataset (id),
    rule             TEXT NOT NULL,
    reason           TEXT NOT NULL,
    detail           TEXT NOT NULL,
    division         TEXT NOT NULL,
    items            INTEGER NOT NULL,
    new              INTEGER NOT NULL,
    continuing       INTEGER NOT NULL,
    gone             INTEGER NOT NULL,
    excepted         INTEGER NOT NULL DEFAULT 0,
    earliest_due     INTEGER,
    state            TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'excepted', 'resolved')),
    first_seen       INTEGER NOT NULL,
    changed_at       INTEGER NOT NULL,
    -- Why it stands as it does: the named reason of its last change.
    change           TEXT NOT NULL,
    -- Who answered, when, until which day (YYYY-MM-DD), and with what plan.
    acknowledged_by  TEXT,
    acknowledged_at  INTEGER,
    plan_until       TEXT,
    plan_note        TEXT,
    CHECK (items = new + continuing),
    UNIQUE (dataset_id, rule, reason, detail)
) STRICT;
INSERT INTO finding_2 (id, dataset_id, rule, reason, detail, division, items, new, continuing, gone, earliest_due,
                       state, first_seen, changed_at, change)
SELECT id, dataset_id, rule, reason, detail, division, items, new, continuing, gone, earliest_due, state, first_seen,
       changed_at, change FROM finding;

CREATE TABLE told_1 AS SELECT * FROM told;
DROP TABLE told;
DROP TABLE finding;
ALTER TABLE finding_2 RENAME TO finding;

-- What each person was told: since when, and why the last time.
CREATE TABLE told (
    recipient TEXT NOT NULL,
    finding   TEXT NOT NULL REFERENCES finding (id) ON UPDATE CASCADE ON DELETE CASCADE,
    items     INTEGER NOT NULL,
    state     TEXT NOT NULL,
    at        INTEGER NOT NULL,
    first_at  INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    PRIMARY KEY (recipient, finding)
) STRICT, WITHOUT ROWID;
INSERT INTO told (recipient, finding, items, state, at, first_at, reason)
SELECT recipient, finding, items, state, at, at, 'first' FROM told_1;
DROP TABLE told_1;

-- Numbers that findings had before their dataset was renamed: letters of old still name them.
CREATE TABLE finding_alias (
    id         TEXT PRIMARY KEY,
    finding    TEXT NOT NULL REFERENCES finding (id) ON UPDATE CASCADE ON DELETE CASCADE,
    renamed_at INTEGER NOT NULL
) STRICT;

-- How items left findings. Those that are not seen any more wait for a declaration.
CREATE TABLE departure (
    id       INTEGER PRIMARY KEY,
    finding  TEXT NOT NULL REFERENCES finding (id) ON UPDATE CASCADE ON DELETE CASCADE,
    at       INTEGER NOT NULL,
    -- 'lost': of an early loss, how many vanished.
    kind     TEXT NOT NULL CHECK (kind IN ('not-seen', 're-dated', 'cured', 'excepted', 'moved', 'lost')),
    items    INTEGER NOT NULL,
    -- The last scan before that saw everything, and these items with it.
    seen_at  INTEGER,
    disposal INTEGER REFERENCES disposal (number)
) STRICT;
CREATE INDEX departure_of_finding ON departure (finding);

-- Declarations of what became of them: the disposal record.
CREATE TABLE disposal (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    finding     TEXT NOT NULL REFERENCES finding (id) ON UPDATE CASCADE,
    method      TEXT NOT NULL CHECK (method IN ('erased', 'returned', 'anonymised', 'moved')),
    on_day      TEXT NOT NULL,
    by_person   TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    certificate TEXT,
    note        TEXT,
    items       INTEGER NOT NULL,
    declared_at INTEGER NOT NULL,
    -- Who gave the command, as the operating system knows them.
    declared_by TEXT NOT NULL,
    -- The entry of the evidence that tells of it.
    entry       INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Exceptions, and the keyed digests of the items that some of them list.
CREATE TABLE exception (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL CHECK (kind IN ('extension', 'approval', 'hold')),
    dataset      TEXT NOT NULL,
    rule         TEXT,
    reason       TEXT,
    from_at      INTEGER,
    until_at     INTEGER,
    listed_items INTEGER,
    why          TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    approved_by  TEXT NOT NULL,
    made_at      INTEGER NOT NULL,
    until_day    TEXT NOT NULL,
    confidential INTEGER NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('active', 'expired', 'revoked', 'released')),
    ended_at     INTEGER,
    ended_by     TEXT,
    CHECK (requested_by <> approved_by)
) STRICT;
CREATE TABLE exception_item (
    exception INTEGER NOT NULL REFERENCES exception (number) ON DELETE CASCADE,
    digest    BLOB NOT NULL CHECK (length(digest) = 16),
    PRIMARY KEY (exception, digest)
) STRICT, WITHOUT ROWID;

-- What somebody was told about an exception: that it ends, that a review is due.
CREATE TABLE exception_told (
    exception INTEGER NOT NULL REFERENCES exception (number) ON DELETE CASCADE,
    recipient TEXT NOT NULL,
    reason    TEXT NOT NULL,
    until_day TEXT NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (exception, recipient, reason, until_day)
) STRICT, WITHOUT ROWID;

-- The outbox: when a letter is tried again.
ALTER TABLE letter ADD COLUMN next_attempt_at INTEGER;
-- When a message came back that says that it could not be delivered after all.
ALTER TABLE letter ADD COLUMN bounced_at INTEGER;


-- People whose letters do not arrive. A new address in the register makes them reachable again.
CREATE TABLE unreachable (
    person TEXT PRIMARY KEY,
    email  TEXT NOT NULL,
    since  INTEGER NOT NULL,
    -- `refused` and `bounced` prove that the mailbox is bad; the others lapse.
    cause  TEXT NOT NULL CHECK (cause IN ('refused', 'bounced', 'blocked', 'given-up', 'no-server')),
    -- What the mail server answered, without its own words.
    why    TEXT NOT NULL,
    letter INTEGER NOT NULL
) STRICT;

-- Returned messages that were read: keyed digests of what tells each apart, so that none is read twice.
CREATE TABLE returned_message (
    digest  BLOB PRIMARY KEY CHECK (length(digest) = 16),
    read_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The run ledger.
CREATE TABLE run (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    node         TEXT NOT NULL,
    dataset      TEXT NOT NULL,
    cause        TEXT NOT NULL CHECK (cause IN ('schedule', 'catch-up', 'hand')),
    scheduled_at INTEGER,
    missed       INTEGER NOT NULL DEFAULT 0,
    started_at   INTEGER NOT NULL,
    ended_at     INTEGER,
    status       TEXT CHECK (status IN ('complete', 'partial', 'failed')),
    items        INTEGER NOT NULL DEFAULT 0,
    problems     INTEGER NOT NULL DEFAULT 0,
    failure      TEXT,
    -- When the manager was told that scans were missed before this one.
    missed_told_at INTEGER
) STRICT;
CREATE INDEX run_of_dataset ON run (dataset, number);
CREATE INDEX run_that_missed ON run (dataset, missed) WHERE missed > 0;

-- Up to when each dataset's schedule was looked at.
CREATE TABLE schedule (
    dataset          TEXT PRIMARY KEY,
    considered_until INTEGER NOT NULL
) STRICT;

-- When something was last done that is done now and then: a weekly summary, a digest of a division.
CREATE TABLE mark (
    name TEXT PRIMARY KEY,
    at   INTEGER NOT NULL
) STRICT;

-- How many items the first scan saw that found a source empty or shrunken.
ALTER TABLE dataset ADD COLUMN hold_items INTEGER NOT NULL DEFAULT 0;
-- The last scan that saw everything and was believed.
ALTER TABLE dataset ADD COLUMN seen_at INTEGER;

-- The first scan of a dataset with `baseline = true` waits for the manager's word.
ALTER TABLE dataset ADD COLUMN baseline TEXT CHECK (baseline IN ('waiting', 'released'));
