-- What a ticket's life needs beyond the first day: teams, languages, what stands apart from the queue, ends and their
-- reasons, merging and following up, incidents, and the clocks beside that of the answer. One person may have several
-- tickets under one root now: after a split, or when a closed matter is taken up again.
-- migrations/postgresql/0007_ticket_life.sql is the same in that engine's words.

-- SQLite drops no UNIQUE of a table that stands: the table is written anew.
CREATE TABLE ticket_anew (
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
    -- Whose work it is; empty: the counter's own.
    team TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    -- Why it does not wait in the queue: 'spam', 'noise', 'incident', 'merged'; empty: it does.
    aside TEXT NOT NULL DEFAULT '',
    status_reason TEXT NOT NULL DEFAULT '',
    priority_why TEXT NOT NULL DEFAULT '',
    solved_at INTEGER,
    closed_at INTEGER,
    merged_into INTEGER REFERENCES ticket (id),
    follow_up_of INTEGER REFERENCES ticket (id),
    incident_id INTEGER,
    -- Microseconds of office time that the resolution has taken until its clock last stood still.
    resolution_spent INTEGER NOT NULL DEFAULT 0,
    resolution_running_since INTEGER,
    resolution_due_at INTEGER,
    -- When the last way to answer the waiting message shuts.
    route_ends_at INTEGER,
    -- When the next warning or breach of its clocks is to be told.
    alarm_at INTEGER,
    breached_at INTEGER,
    promised_at INTEGER
) STRICT;
INSERT INTO ticket_anew (id, brand, channel, platform, visibility, identity_id, customer_id, root_id, status,
    priority, subject, assignee_id, assigned_why, opened_why, created_at, updated_at, first_inbound_at,
    last_inbound_at, last_inbound_message_id, waiting_since, first_response_at, first_response_office_seconds,
    due_at, snoozed_until, last_text, last_at, last_direction, message_count, revision, labels, queue_rank)
SELECT id, brand, channel, platform, visibility, identity_id, customer_id, root_id, status, priority, subject,
    assignee_id, assigned_why, opened_why, created_at, updated_at, first_inbound_at, last_inbound_at,
    last_inbound_message_id, waiting_since, first_response_at, first_response_office_seconds, due_at, snoozed_until,
    last_text, last_at, last_direction, message_count, revision, labels, queue_rank
FROM ticket;
DROP TABLE ticket;
ALTER TABLE ticket_anew RENAME TO ticket;
UPDATE ticket SET solved_at = updated_at WHERE status IN ('solved', 'closed');
UPDATE ticket SET closed_at = updated_at WHERE status = 'closed';

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
CREATE INDEX ticket_private_of_identity ON ticket (identity_id, channel) WHERE visibility = 'private';
CREATE INDEX ticket_by_root ON ticket (channel, root_id, identity_id, id);
CREATE INDEX ticket_by_identity ON ticket (identity_id, channel, last_inbound_at, id);
CREATE INDEX ticket_by_incident ON ticket (incident_id, id) WHERE incident_id IS NOT NULL;
CREATE INDEX ticket_by_team ON ticket (team, queue_rank, id) WHERE queue_rank IS NOT NULL AND team <> '';
CREATE INDEX ticket_to_close ON ticket (solved_at, id) WHERE status = 'solved';
CREATE INDEX ticket_route_ends ON ticket (route_ends_at, id) WHERE route_ends_at IS NOT NULL;
CREATE INDEX ticket_alarm ON ticket (alarm_at, id) WHERE alarm_at IS NOT NULL;
CREATE INDEX ticket_merged ON ticket (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX ticket_follow_up ON ticket (follow_up_of) WHERE follow_up_of IS NOT NULL;
