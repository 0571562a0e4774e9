-- Understood by SQLite and PostgreSQL alike. Times are microseconds since 1970, bodies are JSON.

CREATE TABLE shipments (
    reference TEXT PRIMARY KEY,
    revision BIGINT NOT NULL,
    acid TEXT UNIQUE,
    state TEXT NOT NULL,
    importer TEXT NOT NULL,
    exporter TEXT NOT NULL,
    carrier TEXT NOT NULL,
    mmsi TEXT NOT NULL,
    imo TEXT NOT NULL,
    voyage TEXT NOT NULL,
    vessel TEXT NOT NULL,
    expires BIGINT,
    due BIGINT,
    due_code TEXT,
    severity INTEGER NOT NULL,
    -- How often anything changed that its result rests on, and how much of it the result knows.
    changes BIGINT NOT NULL,
    judged BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX shipments_urgency ON shipments (severity, due, reference);
CREATE INDEX shipments_voyage ON shipments (voyage, mmsi);
CREATE INDEX shipments_stale ON shipments (reference) WHERE changes > judged;

CREATE TABLE shipment_versions (
    reference TEXT NOT NULL,
    revision BIGINT NOT NULL,
    act TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (reference, revision)
);

-- Who may see a shipment, besides those who see all.
CREATE TABLE access (
    role TEXT NOT NULL,
    party TEXT NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (role, party, reference)
);
CREATE INDEX access_reference ON access (reference);

-- What people look for.
CREATE TABLE keys (
    value TEXT NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (value, reference)
);
CREATE INDEX keys_reference ON keys (reference);

-- What facts are filed under.
CREATE TABLE subjects (
    name TEXT NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (name, reference)
);
CREATE INDEX subjects_reference ON subjects (reference);

CREATE TABLE results (
    reference TEXT PRIMARY KEY,
    body TEXT NOT NULL
);

CREATE TABLE voyages (
    id TEXT PRIMARY KEY,
    revision BIGINT NOT NULL,
    role TEXT NOT NULL,
    party TEXT NOT NULL,
    vessel TEXT NOT NULL,
    mmsi TEXT NOT NULL,
    imo TEXT NOT NULL,
    number TEXT NOT NULL,
    is_withdrawn INTEGER NOT NULL,
    begins BIGINT,
    ends BIGINT,
    body TEXT NOT NULL,
    UNIQUE (vessel, number)
);
CREATE INDEX voyages_mmsi ON voyages (mmsi, ends);
CREATE INDEX voyages_number ON voyages (number);

CREATE TABLE imports (
    id TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    party TEXT NOT NULL,
    at BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX imports_at ON imports (at);

CREATE TABLE facts (
    digest TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX facts_subject ON facts (subject, at);

CREATE TABLE answers (
    key TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE positions (
    name TEXT PRIMARY KEY,
    position BIGINT NOT NULL
);
