-- Times are whole microseconds since 1970-01-01 UTC. Names that repeat are kept once and numbered.

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO counters VALUES
    ('position', 0),           -- last transaction
    ('snapshot_position', 0),  -- the one that the engine states are of
    ('observations', 0),       -- highest id ever given, forgotten ones included
    ('dead_letters', 0),       -- ever set aside
    ('dead_letter_bytes', 0);  -- in the table now

CREATE TABLE sites (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE subjects (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

CREATE TABLE boots (  -- one start of one device, and its account in the loss ledger
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    boot TEXT NOT NULL,
    highest_seq INTEGER NOT NULL DEFAULT 0,
    kept INTEGER NOT NULL DEFAULT 0,
    duplicate INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0,
    site TEXT,
    state BLOB,             -- newest DeviceState, JSON
    state_position INTEGER NOT NULL DEFAULT 0,
    UNIQUE (device, boot)
);

CREATE TABLE observations (
    id INTEGER PRIMARY KEY,  -- arrival order
    boot INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    site INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    at INTEGER NOT NULL,
    located INTEGER NOT NULL,  -- 1: has a position that nothing makes doubtful
    received_at INTEGER NOT NULL,
    stated_at INTEGER,
    flags TEXT NOT NULL,     -- separated by commas
    content BLOB NOT NULL    -- JSON, as on the wire
);
CREATE UNIQUE INDEX observations_identity ON observations (boot, seq);
CREATE INDEX observations_track ON observations (subject, at, located);

CREATE TABLE log (  -- transactions that added observations or ticks
    position INTEGER PRIMARY KEY,
    first_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL  -- 0 and -1 where there are only ticks
);
CREATE INDEX log_last_id ON log (last_id);
CREATE TABLE ticks (position INTEGER NOT NULL, site TEXT NOT NULL, watermark INTEGER NOT NULL);
CREATE INDEX ticks_position ON ticks (position);

CREATE TABLE particulars (  -- what subjects have said they are
    subject INTEGER PRIMARY KEY,
    position INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX particulars_position ON particulars (position);

CREATE TABLE refusals (  -- readings refused one by one, so that each counts once
    boot INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    category TEXT NOT NULL,
    PRIMARY KEY (boot, seq)
) WITHOUT ROWID;
CREATE TABLE dead_letters (id INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, body BLOB NOT NULL);

CREATE TABLE findings (
    id TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    since INTEGER NOT NULL,
    rule TEXT NOT NULL,
    body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX findings_subject ON findings (subject);
CREATE INDEX findings_since ON findings (since);
CREATE TABLE finding_revisions (
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (id, revision)
) WITHOUT ROWID;

CREATE TABLE alarms (
    id TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    site TEXT NOT NULL,
    rule TEXT NOT NULL,
    subject TEXT NOT NULL,
    zone TEXT NOT NULL,      -- empty: none
    is_open INTEGER NOT NULL,
    raised_at INTEGER NOT NULL,
    wake_at INTEGER,         -- the clock changes it
    body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX alarms_open ON alarms (site, rule, subject, zone) WHERE is_open;
CREATE INDEX alarms_wake ON alarms (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX alarms_position ON alarms (position);
CREATE TABLE alarm_events (
    alarm TEXT NOT NULL,
    number INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (alarm, number)
) WITHOUT ROWID;

CREATE TABLE pushes (
    id TEXT PRIMARY KEY,
    alarm TEXT NOT NULL,
    pending INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX pushes_due ON pushes (due_at) WHERE pending;
CREATE INDEX pushes_alarm ON pushes (alarm);

CREATE TABLE engine_states (subject TEXT PRIMARY KEY, state BLOB NOT NULL) WITHOUT ROWID;
