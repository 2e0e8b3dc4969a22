-- The outage radar: what customers say is broken, incidents and their members, texts to all of them, and posts of our own.
-- migrations/postgresql/0008_incidents.sql is the same in that engine's words. Lists of words are kept one a line.

-- A message that says that something is broken. Kept for a few days: the radar looks at the last hour.
CREATE TABLE outage_signal (
    message_id INTEGER PRIMARY KEY REFERENCES message (id),
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    customer_id INTEGER NOT NULL,
    brand TEXT NOT NULL,
    services TEXT NOT NULL,
    places TEXT NOT NULL,
    other_matter TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- Whether it belongs to no incident.
    free INTEGER NOT NULL
) STRICT;
CREATE INDEX outage_signal_free ON outage_signal (at, message_id) WHERE free = 1;
CREATE INDEX outage_signal_by_time ON outage_signal (at);
CREATE INDEX outage_signal_of_ticket ON outage_signal (ticket_id, message_id);

-- Signals of no incident by the hour (hours since 1970-01-01T00:00Z): what is usual. Service and place '' are all.
CREATE TABLE outage_hour (
    service TEXT NOT NULL,
    place TEXT NOT NULL,
    hour INTEGER NOT NULL,
    arrived INTEGER NOT NULL,
    PRIMARY KEY (service, place, hour)
) STRICT, WITHOUT ROWID;
CREATE INDEX outage_hour_by_time ON outage_hour (hour);

CREATE TABLE incident (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- 'proposed', 'confirmed', 'dismissed', 'closed'
    state TEXT NOT NULL,
    -- 'radar', 'person'
    origin TEXT NOT NULL,
    service TEXT NOT NULL,
    places TEXT NOT NULL,
    brands TEXT NOT NULL,
    -- Whether customers of further brands make those the incident's too.
    widens INTEGER NOT NULL,
    text TEXT NOT NULL,
    confidence TEXT NOT NULL,
    why TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    expected_end INTEGER,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES agent (id),
    confirmed_at INTEGER,
    confirmed_by INTEGER REFERENCES agent (id),
    ended_at INTEGER,
    -- Dismissed: until when the same is not proposed again.
    quiet_until INTEGER,
    members INTEGER NOT NULL,
    last_member_at INTEGER,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL
) STRICT;
CREATE INDEX incident_by_state ON incident (state, id);
CREATE INDEX incident_quiet ON incident (quiet_until) WHERE quiet_until IS NOT NULL;

CREATE TABLE incident_ticket (
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    joined_at INTEGER NOT NULL,
    -- 'radar': among those that made the proposal, 'late': came afterwards, 'person': put in by hand
    how TEXT NOT NULL,
    why TEXT NOT NULL,
    -- What it asks besides; then it stays ordinary work.
    other_matter TEXT NOT NULL,
    left_at INTEGER,
    -- 0: the incident's state has changed and the ticket does not follow it yet.
    settled INTEGER NOT NULL,
    PRIMARY KEY (incident_id, ticket_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX incident_of_ticket ON incident_ticket (ticket_id) WHERE left_at IS NULL;
CREATE INDEX incident_unsettled ON incident_ticket (incident_id, ticket_id) WHERE settled = 0;

-- One text to all members.
CREATE TABLE broadcast (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    -- 'update', 'closing'
    kind TEXT NOT NULL,
    -- JSON: the text, and others by brand and platform
    texts TEXT NOT NULL,
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    cause TEXT NOT NULL,
    -- 'running', 'stopped', 'done'
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX broadcast_of_incident ON broadcast (incident_id, id);
CREATE UNIQUE INDEX broadcast_one_running ON broadcast (incident_id) WHERE state = 'running';

CREATE TABLE broadcast_member (
    broadcast_id INTEGER NOT NULL REFERENCES broadcast (id),
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    customer_id INTEGER NOT NULL,
    channel TEXT NOT NULL,
    place INTEGER NOT NULL,
    -- 'waiting', 'sent' (in the outbox), 'skipped'
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    reply_id INTEGER REFERENCES reply (id),
    at INTEGER,
    PRIMARY KEY (broadcast_id, ticket_id)
) STRICT, WITHOUT ROWID;
-- Nobody gets it twice, whatever tickets the person has.
CREATE UNIQUE INDEX broadcast_one_each ON broadcast_member (broadcast_id, customer_id) WHERE state <> 'skipped';
CREATE INDEX broadcast_waiting ON broadcast_member (channel, broadcast_id, place) WHERE state = 'waiting';
CREATE INDEX broadcast_reply ON broadcast_member (reply_id) WHERE reply_id IS NOT NULL;

-- When the next text to all may leave on a channel.
CREATE TABLE broadcast_pace (
    channel TEXT PRIMARY KEY,
    next_at INTEGER NOT NULL,
    why TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A post of our own that answers nothing, and what is done to it: written, edited, carried on under it.
CREATE TABLE own_post (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    brand TEXT NOT NULL,
    channel TEXT NOT NULL,
    platform_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (incident_id, channel)
) STRICT;
CREATE INDEX own_post_on_platform ON own_post (channel, platform_id) WHERE platform_id <> '';

CREATE TABLE own_post_step (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    post_id INTEGER NOT NULL REFERENCES own_post (id),
    -- 'post', 'edit', 'answer' (a post under it)
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    -- The words of a reply's delivery.
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    platform_id TEXT NOT NULL,
    next_try INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    reads INTEGER NOT NULL,
    canary_seen INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    deadline_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX own_post_steps ON own_post_step (post_id, id);
CREATE UNIQUE INDEX own_post_one_under_way ON own_post_step (post_id) WHERE state IN ('sending', 'unknown', 'needs_decision');
CREATE INDEX own_post_due ON own_post_step (next_try, id) WHERE state IN ('queued', 'unknown');
CREATE INDEX own_post_sending ON own_post_step (id) WHERE state = 'sending';
