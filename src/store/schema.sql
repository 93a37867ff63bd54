-- The memory of purposed, version 1. Nothing in it is a record of a person: it holds counts, dates, names
-- from the register, keyed digests, and letters to staff. Times are microseconds since 1970 in UTC.

-- Chapter 1: the store itself. One row.
CREATE TABLE store (
    only_row      INTEGER PRIMARY KEY CHECK (only_row = 1),
    -- Tells the right digest key from a wrong one without giving it away.
    key_check     BLOB NOT NULL,
    -- Whether its scans happen at made-up instants; unknown until the first one.
    is_simulated  INTEGER,
    -- The latest instant that a scan was stored at.
    latest_scan   INTEGER,
    -- The configuration that the latest scan was made with.
    config_digest TEXT
) STRICT;

-- Chapter 2: what is known of each dataset since its last stored scan.
CREATE TABLE dataset (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL UNIQUE,
    scanned_at     INTEGER NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('complete', 'partial', 'failed')),
    items          INTEGER NOT NULL,
    undecidable    INTEGER NOT NULL,
    -- A JSON list of problems; they name files and rows by their number.
    problems       TEXT NOT NULL,
    -- Resolution is held back since then.
    hold_reason    TEXT CHECK (hold_reason IN ('empty', 'shrunken')),
    hold_since     INTEGER,
    -- A person said that the source is as it should be; used up by the next whole scan.
    is_confirmed   INTEGER NOT NULL DEFAULT 0,
    -- A JSON object: how many events each ledger had when it was last read and not empty.
    ledger_events  TEXT NOT NULL
) STRICT;

-- Chapter 3: the flagged items. A part (a list file, a table, a folder root) points to a generation of
-- chunks. A scan writes its chunks first, under generations that nothing points to; the transaction that
-- stores the scan moves the pointers; chunks that nothing points to are swept.
CREATE TABLE part (
    dataset_id   INTEGER NOT NULL REFERENCES dataset (id) ON DELETE CASCADE,
    -- The keyed digest of the part's name: found file names are not stored.
    key          BLOB NOT NULL CHECK (length(key) = 16),
    -- What it had when it was last seen whole and believed: a later loss is measured by this.
    items        INTEGER NOT NULL,
    flagged      INTEGER NOT NULL,
    -- The hash of all its records, by which an unchanged list is known without being read.
    content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
    -- No generation: no flagged item.
    generation   INTEGER,
    PRIMARY KEY (dataset_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE chunk (
    generation INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    -- Records of 20 bytes: a keyed digest of 16, and the reasons as a little-endian number of 4.
    records    BLOB NOT NULL CHECK (length(records) % 20 = 0),
    PRIMARY KEY (generation, number)
) STRICT;

-- Chapter 4: the findings, one row for ever for each (dataset, rule, reason, detail).
CREATE TABLE finding (
    id           TEXT PRIMARY KEY,
    dataset_id   INTEGER NOT NULL REFERENCES dataset (id),
    rule         TEXT NOT NULL,
    reason       TEXT NOT NULL,
    detail       TEXT NOT NULL,
    division     TEXT NOT NULL,
    items        INTEGER NOT NULL,
    new          INTEGER NOT NULL,
    continuing   INTEGER NOT NULL,
    gone         INTEGER NOT NULL,
    earliest_due INTEGER,
    state        TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved')),
    first_seen   INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL,
    -- Why it stands as it does: the named reason of its last change.
    change       TEXT NOT NULL,
    CHECK (items = new + continuing),
    UNIQUE (dataset_id, rule, reason, detail)
) STRICT;

-- Chapter 5: what each person was last told about each finding.
CREATE TABLE told (
    recipient TEXT NOT NULL,
    finding   TEXT NOT NULL REFERENCES finding (id) ON UPDATE CASCADE ON DELETE CASCADE,
    items     INTEGER NOT NULL,
    state     TEXT NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (recipient, finding)
) STRICT, WITHOUT ROWID;

-- Chapter 6: the outbox. A letter is queued in the transaction that stores what it tells, and waits until
-- the next hop has taken it.
CREATE TABLE letter (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Fixed when the letter is queued, so that a second attempt is recognised as the same letter.
    message_id TEXT NOT NULL UNIQUE,
    -- The message that the whole thread of letters refers to.
    thread_id  TEXT NOT NULL,
    node       TEXT NOT NULL,
    recipient  TEXT NOT NULL,
    -- The letter as JSON.
    body       TEXT NOT NULL,
    queued_at  INTEGER NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('queued', 'accepted', 'refused', 'given-up')),
    attempts   INTEGER NOT NULL DEFAULT 0,
    -- An attempt began then and its end is not known.
    begun_at   INTEGER,
    ended_at   INTEGER,
    -- What the last attempt was answered.
    answer     TEXT
) STRICT;
CREATE INDEX letter_waiting ON letter (number) WHERE state = 'queued';

-- Chapter 7: the evidence, a chain in which each entry's hash covers the one before. The hash is keyed, and
-- the head is also kept outside this file.
CREATE TABLE evidence (
    sequence INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    node     TEXT NOT NULL,
    kind     TEXT NOT NULL,
    body     TEXT NOT NULL,
    hash     BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
