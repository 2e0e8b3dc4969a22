-- One matter over several conversations, tickets merged and split, people linked, and what helps at the work: canned
-- texts, macros, reminders, ratings.
-- migrations/postgresql/0012_people_and_aids.sql is the same in that engine's words.

-- Where a person's next message under a root belongs: to the ticket of the one before.
CREATE INDEX message_of_person ON message (channel, root_id, identity_id, id, ticket_id)
    WHERE direction = 'inbound' AND ticket_id IS NOT NULL;
-- The person's private conversation beside what is public; a ticket may hold both.
DROP INDEX ticket_private_of_identity;
CREATE INDEX message_private_of_person ON message (identity_id, channel, at, id)
    WHERE visibility = 'private' AND direction = 'inbound' AND ticket_id IS NOT NULL;
-- Brands close their solved tickets after times of their own.
DROP INDEX ticket_to_close;
CREATE INDEX ticket_to_close ON ticket (brand, solved_at, id) WHERE status = 'solved';

-- Subjects that a person worded: no edit of a message changes them.
CREATE TABLE ticket_subject (
    ticket_id INTEGER PRIMARY KEY REFERENCES ticket (id),
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    at INTEGER NOT NULL
) STRICT;

-- A merge ('merge': all of from_id went to to_id) or a split ('split': some of from_id went to the new to_id), with what
-- taking it back needs. `clocks` are JSON without any text of a message.
CREATE TABLE regrouping (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    from_id INTEGER NOT NULL REFERENCES ticket (id),
    to_id INTEGER NOT NULL REFERENCES ticket (id),
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    at INTEGER NOT NULL,
    from_clocks TEXT NOT NULL,
    to_clocks TEXT NOT NULL,
    from_labels TEXT NOT NULL,
    to_labels TEXT NOT NULL,
    undone_at INTEGER
) STRICT;
CREATE INDEX regrouping_from ON regrouping (from_id, id);
CREATE INDEX regrouping_to ON regrouping (to_id, id);
CREATE TABLE regrouped_item (
    regrouping_id INTEGER NOT NULL REFERENCES regrouping (id),
    kind TEXT NOT NULL,
    item_id INTEGER NOT NULL,
    PRIMARY KEY (regrouping_id, kind, item_id)
) STRICT, WITHOUT ROWID;

-- What an identity gave of itself in private: a digest, and the end that a person may see. Gone with its message.
CREATE TABLE identity_clue (
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    identity_id INTEGER NOT NULL REFERENCES identity (id),
    message_id INTEGER NOT NULL REFERENCES message (id),
    brand TEXT NOT NULL,
    shown TEXT NOT NULL,
    PRIMARY KEY (kind, digest, identity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_clue_by_message ON identity_clue (message_id);

-- Two identities that may be one person; identity_a is the lower id. 'open', 'accepted', 'dismissed'.
CREATE TABLE link_proposal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    identity_a INTEGER NOT NULL REFERENCES identity (id),
    identity_b INTEGER NOT NULL REFERENCES identity (id),
    kind TEXT NOT NULL,
    shown TEXT NOT NULL,
    brand_a TEXT NOT NULL,
    brand_b TEXT NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    decided_by INTEGER REFERENCES agent (id),
    decided_at INTEGER,
    link_id INTEGER,
    UNIQUE (identity_a, identity_b, kind)
) STRICT;
CREATE INDEX link_proposal_by_state ON link_proposal (state, id);
CREATE INDEX link_proposal_by_link ON link_proposal (link_id) WHERE link_id IS NOT NULL;

-- Customer `customer_id` was found to be `into_id`: the identities that went over, so that each can go back.
CREATE TABLE customer_link (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id INTEGER NOT NULL REFERENCES customer (id),
    into_id INTEGER NOT NULL REFERENCES customer (id),
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    at INTEGER NOT NULL,
    why TEXT NOT NULL,
    undone_at INTEGER
) STRICT;
CREATE INDEX customer_link_by_customer ON customer_link (customer_id, id);
CREATE INDEX customer_link_by_target ON customer_link (into_id, id);
CREATE TABLE customer_link_identity (
    link_id INTEGER NOT NULL REFERENCES customer_link (id),
    identity_id INTEGER NOT NULL REFERENCES identity (id),
    PRIMARY KEY (link_id, identity_id)
) STRICT, WITHOUT ROWID;

-- `brand` empty: of all brands. `language` empty: of any.
CREATE TABLE canned_reply (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    brand TEXT NOT NULL,
    language TEXT NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (brand, language, name)
) STRICT;
-- `actions` is JSON, as the API takes it.
CREATE TABLE macro (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    brand TEXT NOT NULL,
    language TEXT NOT NULL,
    name TEXT NOT NULL,
    actions TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (brand, language, name)
) STRICT;

CREATE TABLE reminder (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    remind_at INTEGER NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    reminded_at INTEGER
) STRICT;
CREATE INDEX reminder_due ON reminder (remind_at, id) WHERE reminded_at IS NULL;
CREATE INDEX reminder_of_agent ON reminder (agent_id, remind_at, id) WHERE reminded_at IS NULL;
CREATE INDEX reminder_of_ticket ON reminder (ticket_id, id);

-- One question for each time that a ticket was solved. 'due', 'asked', 'given', 'not_asked' (why says why), 'passed' (the
-- person wrote something else, or nothing in time).
CREATE TABLE rating (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    brand TEXT NOT NULL,
    channel TEXT NOT NULL,
    identity_id INTEGER NOT NULL REFERENCES identity (id),
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    state TEXT NOT NULL,
    why TEXT NOT NULL,
    ask_at INTEGER NOT NULL,
    asked_at INTEGER,
    until_at INTEGER,
    reply_id INTEGER REFERENCES reply (id),
    score INTEGER,
    message_id INTEGER REFERENCES message (id),
    given_at INTEGER
) STRICT;
CREATE INDEX rating_due ON rating (ask_at, id) WHERE state = 'due';
CREATE INDEX rating_asked ON rating (channel, identity_id, id) WHERE state = 'asked';
CREATE INDEX rating_of_ticket ON rating (ticket_id, id);
CREATE INDEX rating_of_message ON rating (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX rating_by_time ON rating (asked_at, id) WHERE asked_at IS NOT NULL;
