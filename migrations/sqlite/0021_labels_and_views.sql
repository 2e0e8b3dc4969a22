-- Labels as people know them, saved views, what the counter notes of a person, and one text to a selection of tickets.
-- migrations/postgresql/0021_labels_and_views.sql is the same in that engine's words.

-- `color`: "#0a6470", or empty. A retired label stays where it is and is offered no more.
CREATE TABLE label (
    name TEXT PRIMARY KEY,
    color TEXT NOT NULL,
    description TEXT NOT NULL,
    retired INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- `filters`: the query of GET /v1/tickets.
CREATE TABLE ticket_view (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    name TEXT NOT NULL,
    shared INTEGER NOT NULL,
    filters TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (agent_id, name)
) STRICT;
CREATE INDEX ticket_view_shared ON ticket_view (id) WHERE shared = 1;

CREATE TABLE customer_card (
    customer_id INTEGER PRIMARY KEY REFERENCES customer (id),
    contract_reference TEXT NOT NULL,
    -- one a line, sorted
    labels TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL
) STRICT;
CREATE INDEX customer_card_by_contract ON customer_card (contract_reference, customer_id) WHERE contract_reference <> '';
CREATE TABLE customer_note (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id INTEGER NOT NULL REFERENCES customer (id),
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    text TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX customer_note_of_customer ON customer_note (customer_id, id);

-- A text to a selection has no incident. SQLite takes no NOT NULL from a table that stands: it is written anew.
CREATE TABLE broadcast_anew (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    incident_id INTEGER REFERENCES incident (id),
    -- 'update', 'closing', 'selection'
    kind TEXT NOT NULL,
    texts TEXT NOT NULL,
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    cause TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
INSERT INTO broadcast_anew (id, incident_id, kind, texts, agent_id, cause, state, created_at, ended_at)
SELECT id, incident_id, kind, texts, agent_id, cause, state, created_at, ended_at FROM broadcast;
DROP TABLE broadcast;
ALTER TABLE broadcast_anew RENAME TO broadcast;
CREATE INDEX broadcast_of_incident ON broadcast (incident_id, id);
CREATE UNIQUE INDEX broadcast_one_running ON broadcast (incident_id) WHERE state = 'running';
CREATE INDEX broadcast_of_selection ON broadcast (id) WHERE incident_id IS NULL;
CREATE INDEX broadcast_running ON broadcast (id) WHERE state = 'running';
CREATE INDEX broadcast_awaiting ON broadcast (incident_id, id) WHERE state = 'awaiting_approval';

-- Liking and deleting; what is deleted may be a reply that was not read back yet, known by its id on the platform alone.
CREATE TABLE message_action_anew (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER REFERENCES message (id),
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    channel TEXT NOT NULL,
    -- 'hide', 'unhide', 'like', 'unlike', 'remove'
    kind TEXT NOT NULL,
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    -- 'queued', 'done', 'failed', 'replaced' by a later one
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_try INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    ended_at INTEGER,
    -- empty: the message's present id on the platform
    target_id TEXT NOT NULL,
    visibility TEXT NOT NULL
) STRICT;
INSERT INTO message_action_anew (id, message_id, ticket_id, channel, kind, agent_id, state, reason, attempts, next_try, asked_at, ended_at,
                                 target_id, visibility)
SELECT id, message_id, ticket_id, channel, kind, agent_id, state, reason, attempts, next_try, asked_at, ended_at, '', 'public'
FROM message_action;
DROP TABLE message_action;
ALTER TABLE message_action_anew RENAME TO message_action;
CREATE INDEX message_action_due ON message_action (next_try, id) WHERE state = 'queued';
CREATE INDEX message_action_of_message ON message_action (message_id, id);
