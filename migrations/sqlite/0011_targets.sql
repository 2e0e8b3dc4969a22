-- Targets, promises and what is said by itself: automatic replies, what each clock of a ticket has told, promises and
-- whether they were kept, acknowledgements, and the closings of which people were told.
-- migrations/postgresql/0011_targets.sql is the same in that engine's words.

-- The counter itself: the author of what no person wrote. Nobody can log in as it, and no list of people shows it.
INSERT INTO agent (id, login, name, role, password_hash, available, disabled, capacity, brands, language, created_at)
VALUES (0, '', 'Sportello', 'agent', '', 0, 1, 0, '', 'it', 0);

-- Replies that answer nothing and stop no clock. After expires_at they are not sent any more.
CREATE TABLE automatic_reply (
    reply_id INTEGER PRIMARY KEY REFERENCES reply (id),
    purpose TEXT NOT NULL,
    expires_at INTEGER
) STRICT;
-- How fast people answer: their replies one after the other.
CREATE INDEX reply_by_acceptance ON reply (accepted_at, id);

-- What a clock of a ticket ('response', 'resolution', 'route') has told: each warns once and is missed once. `since`:
-- when the message waited from, or when the clock was first set.
CREATE TABLE clock_mark (
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    clock TEXT NOT NULL,
    since INTEGER NOT NULL,
    warned_at INTEGER,
    breached_at INTEGER,
    PRIMARY KEY (ticket_id, clock, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX clock_mark_breached ON clock_mark (breached_at, ticket_id) WHERE breached_at IS NOT NULL;

-- By when a message that began to wait was expected to be answered, and what became of that. `told`: the customer read it.
-- Seconds are office time from the arrival. `void_at`: nobody waits any more, without an answer.
CREATE TABLE promise (
    message_id INTEGER PRIMARY KEY REFERENCES message (id),
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    brand TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    expected_at INTEGER NOT NULL,
    expected_seconds INTEGER NOT NULL,
    promised_at INTEGER NOT NULL,
    why TEXT NOT NULL,
    told INTEGER NOT NULL DEFAULT 0,
    answered_at INTEGER,
    answered_seconds INTEGER,
    void_at INTEGER
) STRICT;
CREATE INDEX promise_by_brand ON promise (brand, made_at, message_id);
CREATE INDEX promise_open ON promise (ticket_id) WHERE answered_at IS NULL AND void_at IS NULL;

-- What a customer was told (reply_id), or an agent is offered to tell (NULL), while the office was closed.
CREATE TABLE acknowledgement (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    root_id TEXT NOT NULL,
    identity_id INTEGER NOT NULL REFERENCES identity (id),
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    reply_id INTEGER REFERENCES reply (id),
    text TEXT NOT NULL,
    why TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX acknowledgement_of_conversation ON acknowledgement (channel, root_id, identity_id, at);
CREATE INDEX acknowledgement_of_ticket ON acknowledgement (ticket_id, id);

-- Closings before which people were told whose last way to be answered shuts.
CREATE TABLE closing_told (
    brand TEXT NOT NULL,
    closes_at INTEGER NOT NULL,
    PRIMARY KEY (brand, closes_at)
) STRICT, WITHOUT ROWID;
