-- What the platform is told: what waits here is sent again after a crash, and nothing is lost.

-- The newest declaration of each voyage: which revision is due, and which was told as what.
CREATE TABLE declarations (
    voyage TEXT PRIMARY KEY,
    due BIGINT NOT NULL,
    told BIGINT NOT NULL,
    subject TEXT NOT NULL,
    number TEXT NOT NULL
);
CREATE INDEX declarations_due ON declarations (voyage) WHERE due > told;
INSERT INTO declarations SELECT id, revision, 0, '', '' FROM voyages;

-- The newest verdict on each subject against which anything was ever held.
CREATE TABLE verdicts (
    subject TEXT PRIMARY KEY,
    reference TEXT NOT NULL,
    at BIGINT NOT NULL,
    is_due INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX verdicts_reference ON verdicts (reference);
CREATE INDEX verdicts_due ON verdicts (at, subject) WHERE is_due = 1;
-- Everything is judged once more, so that what is held against a shipment now is told too.
UPDATE shipments SET judged = 0;
