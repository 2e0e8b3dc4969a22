-- Office hours that supervisors enter, and with which hours the open deadlines were planned.
-- migrations/postgresql/0010_office_hours.sql is the same in that engine's words.

-- What one date of a brand has instead of everything that the configuration says of it. `day`: the brand's local date, in
-- days since 1970-01-01; `hours`: "09:00-13:00,14:00-18:00", empty when closed.
CREATE TABLE office_exception (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    brand TEXT NOT NULL,
    day INTEGER NOT NULL,
    hours TEXT NOT NULL,
    note TEXT NOT NULL,
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    created_at INTEGER NOT NULL,
    UNIQUE (brand, day)
) STRICT;

-- The hours and targets (a digest) that the brand's open deadlines follow. While `after_ticket` is set, those of tickets
-- with a greater id are still to be planned anew.
CREATE TABLE office_plan (
    brand TEXT PRIMARY KEY,
    hours TEXT NOT NULL,
    after_ticket INTEGER
) STRICT;
