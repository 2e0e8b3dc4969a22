-- Replies and texts to all that a colleague reads first, drafts, and what people are told of.
-- migrations/postgresql/0017_approvals.sql is the same in that engine's words.

ALTER TABLE agent ADD COLUMN needs_approval INTEGER NOT NULL DEFAULT 0;

-- 'waiting', 'approved', 'returned', 'withdrawn'. Of a reply (in state awaiting_approval, without parts) or of a broadcast.
CREATE TABLE approval (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    reply_id INTEGER REFERENCES reply (id),
    broadcast_id INTEGER REFERENCES broadcast (id),
    -- One a line; empty: all.
    brands TEXT NOT NULL,
    author_id INTEGER NOT NULL REFERENCES agent (id),
    -- How the author wanted it sent: JSON without the text.
    options TEXT NOT NULL,
    -- What the author had written, once somebody has changed it.
    written TEXT NOT NULL,
    why TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    changed_by INTEGER REFERENCES agent (id),
    decided_by INTEGER REFERENCES agent (id),
    decided_at INTEGER,
    note TEXT NOT NULL,
    revision INTEGER NOT NULL
) STRICT;
CREATE INDEX approval_by_state ON approval (state, id);
CREATE INDEX approval_by_author ON approval (author_id, state, id);
CREATE UNIQUE INDEX approval_of_reply ON approval (reply_id) WHERE reply_id IS NOT NULL;
CREATE UNIQUE INDEX approval_of_broadcast ON approval (broadcast_id) WHERE broadcast_id IS NOT NULL;
CREATE INDEX broadcast_awaiting ON broadcast (incident_id, id) WHERE state = 'awaiting_approval';

-- What somebody has begun to write: mode is 'reply' or 'note'.
CREATE TABLE draft (
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    mode TEXT NOT NULL,
    visibility TEXT NOT NULL,
    text TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (agent_id, ticket_id, mode)
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_by_time ON draft (updated_at);
CREATE INDEX draft_of_ticket ON draft (ticket_id);

-- 'mention', 'reply_approved', 'reply_returned', 'reply_changed'
CREATE TABLE notification (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    kind TEXT NOT NULL,
    ticket_id INTEGER REFERENCES ticket (id),
    -- Of what the kind is about: the note, or the approval.
    item_id INTEGER NOT NULL,
    actor_id INTEGER NOT NULL REFERENCES agent (id),
    at INTEGER NOT NULL,
    read_at INTEGER
) STRICT;
CREATE INDEX notification_of_agent ON notification (agent_id, id);
CREATE INDEX notification_unread ON notification (agent_id, id) WHERE read_at IS NULL;
CREATE INDEX notification_by_time ON notification (at);
