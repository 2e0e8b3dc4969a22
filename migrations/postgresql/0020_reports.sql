-- Facts for reports, drawn from the event log, so that a report costs what its stretch of time holds, whatever lies before
-- it, and outlives what is deleted or kept no longer. No texts, no customers. And what an admin turns on or off.
-- migrations/sqlite/0020_reports.sql is the same in that engine's words.

-- One row a ticket, as it is now. `answered_*`: its first response. `in_target`: whether that was in time, by the target of
-- its day.
CREATE TABLE report_ticket (
    ticket_id BIGINT PRIMARY KEY,
    brand TEXT NOT NULL,
    channel TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    -- Sorted, one a line.
    labels TEXT NOT NULL,
    incident_id BIGINT,
    answered_at BIGINT,
    answered_by BIGINT,
    office_seconds BIGINT,
    clock_seconds BIGINT,
    in_target BIGINT
);
CREATE INDEX report_ticket_answered ON report_ticket (answered_at, ticket_id) WHERE answered_at IS NOT NULL;

-- What happened: 'received', 'answered', 'opened', 'solved', 'reopened', 'handed_over', 'breached_response',
-- 'breached_resolution'. `reference`: the message, reply or event by which it is counted once.
CREATE TABLE report_fact (
    kind TEXT NOT NULL,
    reference BIGINT NOT NULL,
    at BIGINT NOT NULL,
    ticket_id BIGINT NOT NULL,
    agent_id BIGINT,
    PRIMARY KEY (kind, reference)
);
CREATE INDEX report_fact_by_time ON report_fact (at, ticket_id, kind, agent_id);

-- Promises and ratings by time whatever the brand.
CREATE INDEX promise_by_time ON promise (made_at, message_id);

CREATE TABLE counter_setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    agent_id BIGINT NOT NULL REFERENCES agent (id),
    at BIGINT NOT NULL
);
