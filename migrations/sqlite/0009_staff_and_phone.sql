-- Who is there, who can do what, and the phone desk.
-- migrations/postgresql/0009_staff_and_phone.sql is the same in that engine's words.

-- Words with commas between them.
ALTER TABLE agent ADD COLUMN skills TEXT NOT NULL DEFAULT '';
ALTER TABLE agent ADD COLUMN languages TEXT NOT NULL DEFAULT '';
ALTER TABLE agent ADD COLUMN teams TEXT NOT NULL DEFAULT '';

-- The rota: one line a row, as in its CSV. `day` is a weekday's word or a date "2026-12-24"; `hours` like
-- "09:00-13:00, 14:00-18:00", empty for the whole day. An agent without rows has the configuration's rota.
CREATE TABLE shift (
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    number INTEGER NOT NULL,
    day TEXT NOT NULL,
    kind TEXT NOT NULL,
    hours TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (agent_id, number)
) STRICT, WITHOUT ROWID;

-- What is remembered of an agent's absences: since when, when the work was last taken back, and for which shift the
-- supervisor was told that nobody came.
CREATE TABLE attendance (
    agent_id INTEGER PRIMARY KEY REFERENCES agent (id),
    away_since INTEGER,
    swept_at INTEGER,
    told_shift INTEGER
) STRICT;

-- One row: who had the last turn when work goes round.
CREATE TABLE assignment_turn (
    id INTEGER PRIMARY KEY,
    agent_id INTEGER NOT NULL REFERENCES agent (id)
) STRICT;

-- What the counter knows of a customer beyond the platforms: who answered last, and the number to call.
CREATE TABLE customer_contact (
    customer_id INTEGER PRIMARY KEY REFERENCES customer (id),
    answered_by INTEGER REFERENCES agent (id),
    answered_at INTEGER,
    phone TEXT NOT NULL DEFAULT ''
) STRICT;

-- Of which week, by its Monday, the gaps were told, and which they were.
CREATE TABLE coverage_notice (
    week TEXT PRIMARY KEY,
    told_at INTEGER NOT NULL,
    gaps TEXT NOT NULL
) STRICT;

-- The call that a hand-over promises: `state` is 'planned' until an outcome is told.
CREATE TABLE phone_call (
    handover_id INTEGER PRIMARY KEY REFERENCES handover (id),
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    brand TEXT NOT NULL,
    desk TEXT NOT NULL,
    slot_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    customer_told TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX phone_call_due ON phone_call (slot_at, handover_id) WHERE state = 'planned';
CREATE INDEX phone_call_by_ticket ON phone_call (ticket_id, handover_id);

-- How many calls a slot holds. The row is what two hand-overs at once compete for.
CREATE TABLE phone_slot (
    desk TEXT NOT NULL,
    slot_at INTEGER NOT NULL,
    booked INTEGER NOT NULL,
    PRIMARY KEY (desk, slot_at)
) STRICT, WITHOUT ROWID;

-- What a call centre is told by its webhook, in order; the body is emptied once it is there.
CREATE TABLE call_centre_delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    handover_id INTEGER NOT NULL REFERENCES handover (id),
    desk TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    next_try INTEGER,
    attempts INTEGER NOT NULL,
    delivered_at INTEGER,
    failure TEXT NOT NULL
) STRICT;
CREATE INDEX call_centre_delivery_due ON call_centre_delivery (next_try, id) WHERE next_try IS NOT NULL;
CREATE INDEX call_centre_delivery_of ON call_centre_delivery (handover_id, id);
