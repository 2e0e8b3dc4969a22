-- The counter's tables. Times are UTC microseconds; words are those of domain/model.hpp; flags are 0 or 1.
-- migrations/postgresql/0001_first_light.sql is the same in that engine's words.

-- One person on one platform, and the customer behind one or more of them.
CREATE TABLE customer (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE identity (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform TEXT NOT NULL,
    platform_user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    handle TEXT NOT NULL,
    customer_id INTEGER NOT NULL REFERENCES customer (id),
    UNIQUE (platform, platform_user_id)
) STRICT;
CREATE INDEX identity_by_customer ON identity (customer_id);

-- Where reading stands; written in the transaction that stores what the cursor covers.
CREATE TABLE channel_state (
    channel TEXT PRIMARY KEY,
    cursor TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    not_before INTEGER,
    paused INTEGER NOT NULL DEFAULT 0,
    last_poll_at INTEGER,
    last_item_at INTEGER,
    last_lag_seconds INTEGER
) STRICT;

CREATE TABLE agent (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    available INTEGER NOT NULL DEFAULT 0,
    disabled INTEGER NOT NULL DEFAULT 0,
    capacity INTEGER NOT NULL DEFAULT 20,
    brands TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT 'it',
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE ticket (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    brand TEXT NOT NULL,
    channel TEXT NOT NULL,
    platform TEXT NOT NULL,
    visibility TEXT NOT NULL,
    identity_id INTEGER NOT NULL REFERENCES identity (id),
    customer_id INTEGER NOT NULL REFERENCES customer (id),
    root_id TEXT NOT NULL,
    status TEXT NOT NULL,
    priority INTEGER NOT NULL,
    subject TEXT NOT NULL,
    assignee_id INTEGER REFERENCES agent (id),
    assigned_why TEXT NOT NULL,
    opened_why TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    first_inbound_at INTEGER NOT NULL,
    last_inbound_at INTEGER NOT NULL,
    last_inbound_message_id INTEGER,
    waiting_since INTEGER,
    first_response_at INTEGER,
    first_response_office_seconds INTEGER,
    due_at INTEGER,
    snoozed_until INTEGER,
    last_text TEXT NOT NULL,
    last_at INTEGER NOT NULL,
    last_direction TEXT NOT NULL,
    message_count INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    -- Sorted, one a line: what a list shows without asking ticket_label.
    labels TEXT NOT NULL DEFAULT '',
    -- The order of the queue: priority first (urgent = 0), then due time; NULL when the ticket does not wait in it.
    -- Derived by the repository, so that one index serves each list.
    queue_rank INTEGER,
    UNIQUE (channel, root_id, identity_id)
) STRICT;
-- Each list is one walk along one of these, whatever the number of tickets (src/storage/ticket_list.cpp).
CREATE INDEX ticket_queue ON ticket (queue_rank, id) WHERE queue_rank IS NOT NULL;
CREATE INDEX ticket_queue_of_assignee ON ticket (assignee_id, queue_rank, id) WHERE queue_rank IS NOT NULL;
CREATE INDEX ticket_queue_of_brand ON ticket (brand, queue_rank, id) WHERE queue_rank IS NOT NULL;
CREATE INDEX ticket_unassigned_of_brand ON ticket (brand, queue_rank, id)
    WHERE queue_rank IS NOT NULL AND assignee_id IS NULL;
CREATE INDEX ticket_by_status ON ticket (status, updated_at, id);
CREATE INDEX ticket_by_assignee ON ticket (assignee_id, status, updated_at, id);
CREATE INDEX ticket_by_brand ON ticket (brand, status, updated_at, id);
CREATE INDEX ticket_by_customer ON ticket (customer_id, status, updated_at, id);
CREATE INDEX ticket_waiting ON ticket (brand, waiting_since) WHERE waiting_since IS NOT NULL;
CREATE INDEX ticket_answered ON ticket (first_response_at, brand, first_response_office_seconds)
    WHERE first_response_at IS NOT NULL;
CREATE INDEX ticket_snoozed ON ticket (snoozed_until, id) WHERE snoozed_until IS NOT NULL;

-- Status, update and rank are the ticket's own, repeated by the repository: a label's list walks an index as well.
CREATE TABLE ticket_label (
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    label TEXT NOT NULL,
    status TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    queue_rank INTEGER,
    PRIMARY KEY (ticket_id, label)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_label_by_update ON ticket_label (label, status, updated_at, ticket_id);
CREATE INDEX ticket_label_queue ON ticket_label (label, queue_rank, ticket_id) WHERE queue_rank IS NOT NULL;

CREATE TABLE reply (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    channel TEXT NOT NULL,
    conversation TEXT NOT NULL,
    visibility TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    target_id TEXT NOT NULL,
    recipient_id TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,
    send_after INTEGER NOT NULL,
    published_at INTEGER,
    platform_id TEXT NOT NULL
) STRICT;
CREATE INDEX reply_by_ticket ON reply (ticket_id, id);

-- The wire messages of a reply, in the order of acceptance: the outbox.
CREATE TABLE reply_part (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    reply_id INTEGER NOT NULL REFERENCES reply (id),
    channel TEXT NOT NULL,
    conversation TEXT NOT NULL,
    number INTEGER NOT NULL,
    part_count INTEGER NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    platform_id TEXT NOT NULL,
    next_try INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    reads INTEGER NOT NULL,
    canary_seen INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    deadline_at INTEGER NOT NULL,
    UNIQUE (reply_id, number)
) STRICT;
-- Invariant I9 is the database's business: one part of a conversation under way at most.
CREATE UNIQUE INDEX reply_part_one_under_way ON reply_part (channel, conversation)
    WHERE state IN ('reserved', 'sending', 'unknown', 'needs_decision');
-- Invariant I8: a platform id belongs to one part at most.
CREATE UNIQUE INDEX reply_part_platform_id ON reply_part (channel, platform_id) WHERE platform_id <> '';
CREATE INDEX reply_part_unfinished ON reply_part (channel, conversation, id)
    WHERE state IN ('queued', 'reserved', 'sending', 'unknown', 'needs_decision');
CREATE INDEX reply_part_queued ON reply_part (next_try, id) WHERE state = 'queued';
CREATE INDEX reply_part_unknown ON reply_part (next_try, id) WHERE state = 'unknown';
CREATE INDEX reply_part_by_state ON reply_part (state, id)
    WHERE state IN ('queued', 'reserved', 'sending', 'unknown', 'needs_decision');
CREATE INDEX reply_part_failed ON reply_part (channel, started_at) WHERE state = 'failed';

CREATE TABLE delivery_attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    part_id INTEGER NOT NULL REFERENCES reply_part (id),
    number INTEGER NOT NULL,
    attempt_key TEXT NOT NULL UNIQUE,
    started_at INTEGER NOT NULL,
    deadline_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    -- Own items already known under the target, as JSON: an older equal text is not this one.
    snapshot TEXT NOT NULL,
    UNIQUE (part_id, number)
) STRICT;

-- The inbox, and for ever after the messages of the tickets.
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    brand TEXT NOT NULL,
    platform TEXT NOT NULL,
    platform_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    visibility TEXT NOT NULL,
    direction TEXT NOT NULL,
    identity_id INTEGER REFERENCES identity (id),
    author_name TEXT NOT NULL,
    text TEXT NOT NULL,
    parent_id TEXT NOT NULL,
    root_id TEXT NOT NULL,
    recipient_id TEXT NOT NULL,
    permalink TEXT NOT NULL,
    at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    edited_at INTEGER,
    deleted_at INTEGER,
    revision INTEGER NOT NULL,
    ticket_id INTEGER REFERENCES ticket (id),
    -- Own items that are a reply of ours: which.
    reply_part_id INTEGER REFERENCES reply_part (id),
    reply_id INTEGER REFERENCES reply (id),
    -- 'new': not yet threaded; 'waiting': an own item whose ticket is not known yet; 'done'
    intake TEXT NOT NULL,
    checked_at INTEGER NOT NULL,
    UNIQUE (channel, platform_id)
) STRICT;
CREATE INDEX message_new ON message (id) WHERE intake = 'new';
CREATE INDEX message_waiting ON message (channel, root_id, id) WHERE intake = 'waiting';
CREATE INDEX message_by_ticket ON message (ticket_id, at, id) WHERE ticket_id IS NOT NULL;
CREATE INDEX message_own_by_root ON message (channel, root_id, at, id) WHERE direction = 'outbound';
CREATE INDEX message_to_check ON message (channel, at, checked_at, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX message_reply_part ON message (reply_part_id) WHERE reply_part_id IS NOT NULL;

-- Earlier and later ids of a message beside its present one: X gives each edit a new id.
CREATE TABLE message_alias (
    channel TEXT NOT NULL,
    platform_id TEXT NOT NULL,
    message_id INTEGER NOT NULL REFERENCES message (id),
    PRIMARY KEY (channel, platform_id)
) STRICT, WITHOUT ROWID;

-- Texts that an edit replaced.
CREATE TABLE message_revision (
    message_id INTEGER NOT NULL REFERENCES message (id),
    revision INTEGER NOT NULL,
    text TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (message_id, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE attachment (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER NOT NULL REFERENCES message (id),
    type TEXT NOT NULL,
    url TEXT NOT NULL,
    name TEXT NOT NULL
) STRICT;
CREATE INDEX attachment_by_message ON attachment (message_id, id);

-- What could not be translated, kept without secrets (invariant I6).
CREATE TABLE rejected_item (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    platform_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    raw TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE note (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    text TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX note_by_ticket ON note (ticket_id, at, id);

CREATE TABLE handover (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    callback_number TEXT NOT NULL,
    note TEXT NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX handover_by_ticket ON handover (ticket_id, id);

CREATE TABLE session (
    token_hash TEXT PRIMARY KEY,
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    csrf_token TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_agent ON session (agent_id);
CREATE INDEX session_by_expiry ON session (expires_at);

CREATE TABLE api_token (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash TEXT NOT NULL UNIQUE,
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER
) STRICT;
CREATE INDEX api_token_by_agent ON api_token (agent_id);

CREATE TABLE idempotency_key (
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    idempotency_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (agent_id, idempotency_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_key_by_time ON idempotency_key (at);

-- The log that live views, audit and webhooks read. One writer, so the key is the public number in commit order.
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    ticket_id INTEGER,
    actor_id INTEGER,
    cause TEXT NOT NULL,
    data TEXT NOT NULL
) STRICT;
CREATE INDEX event_by_ticket ON event (ticket_id, seq);
