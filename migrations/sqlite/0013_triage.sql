-- Rules of triage and what they did, personal data that was no such thing, and what is done to a message on its platform.
-- migrations/postgresql/0013_triage.sql is the same in that engine's words.

-- Each firing once: a rule fires no second time for a ticket on the same occasion.
CREATE TABLE rule_firing (
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    rule TEXT NOT NULL,
    occasion TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (ticket_id, rule, occasion)
) STRICT, WITHOUT ROWID;

-- When rules of time are to look at a ticket.
CREATE TABLE rule_due (
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    rule TEXT NOT NULL,
    occasion TEXT NOT NULL,
    since INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    PRIMARY KEY (ticket_id, rule)
) STRICT, WITHOUT ROWID;
CREATE INDEX rule_due_by_time ON rule_due (due_at, ticket_id, rule);

-- How far a reader of the event log has come.
CREATE TABLE reader_place (
    reader TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Canned replies that rules propose.
CREATE TABLE reply_proposal (
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    canned_reply TEXT NOT NULL,
    rule TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (ticket_id, canned_reply)
) STRICT, WITHOUT ROWID;

-- False hits: what looks like personal data in this ticket, and somebody said that it is none. By digest: a log of
-- these must not become a list of numbers.
CREATE TABLE personal_data_release (
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (ticket_id, digest)
) STRICT, WITHOUT ROWID;

-- What is to be done to a message on its platform: 'hide', 'unhide'. Done twice is as done once, so it is repeated
-- until its outcome is known.
CREATE TABLE message_action (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER NOT NULL REFERENCES message (id),
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    -- 'queued', 'done', 'failed', 'replaced' by a later one
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_try INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX message_action_due ON message_action (next_try, id) WHERE state = 'queued';
CREATE INDEX message_action_of_message ON message_action (message_id, id);

CREATE INDEX ticket_aside ON ticket (aside, status, updated_at, id) WHERE aside <> '';
CREATE INDEX message_by_time ON message (received_at, id);
