-- An engine state has a position of its own, since they are not written all at once any more.
-- Those of before are all of the snapshot's: the log after it is new to them.

CREATE TABLE states (subject TEXT PRIMARY KEY, position INTEGER NOT NULL, state BLOB NOT NULL);
INSERT INTO states SELECT subject, 0, state FROM engine_states;
DROP TABLE engine_states;
ALTER TABLE states RENAME TO engine_states;
