-- What a ticket's life needs beyond the first day: teams, languages, what stands apart from the queue, ends and their
-- reasons, merging and following up, incidents, and the clocks beside that of the answer. One person may have several
-- tickets under one root now: after a split, or when a closed matter is taken up again.
-- migrations/sqlite/0007_ticket_life.sql is the same in that engine's words.

ALTER TABLE ticket DROP CONSTRAINT ticket_channel_root_id_identity_id_key;
-- Whose work it is; empty: the counter's own.
ALTER TABLE ticket ADD COLUMN team TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE ticket ADD COLUMN language TEXT COLLATE "C" NOT NULL DEFAULT '';
-- Why it does not wait in the queue: 'spam', 'noise', 'incident', 'merged'; empty: it does.
ALTER TABLE ticket ADD COLUMN aside TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE ticket ADD COLUMN status_reason TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE ticket ADD COLUMN priority_why TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE ticket ADD COLUMN solved_at BIGINT;
ALTER TABLE ticket ADD COLUMN closed_at BIGINT;
ALTER TABLE ticket ADD COLUMN merged_into BIGINT REFERENCES ticket (id);
ALTER TABLE ticket ADD COLUMN follow_up_of BIGINT REFERENCES ticket (id);
ALTER TABLE ticket ADD COLUMN incident_id BIGINT;
-- Microseconds of office time that the resolution has taken until its clock last stood still.
ALTER TABLE ticket ADD COLUMN resolution_spent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN resolution_running_since BIGINT;
ALTER TABLE ticket ADD COLUMN resolution_due_at BIGINT;
-- When the last way to answer the waiting message shuts.
ALTER TABLE ticket ADD COLUMN route_ends_at BIGINT;
-- When the next warning or breach of its clocks is to be told.
ALTER TABLE ticket ADD COLUMN alarm_at BIGINT;
ALTER TABLE ticket ADD COLUMN breached_at BIGINT;
ALTER TABLE ticket ADD COLUMN promised_at BIGINT;
UPDATE ticket SET solved_at = updated_at WHERE status IN ('solved', 'closed');
UPDATE ticket SET closed_at = updated_at WHERE status = 'closed';

CREATE INDEX ticket_by_root ON ticket (channel, root_id, identity_id, id);
CREATE INDEX ticket_by_identity ON ticket (identity_id, channel, last_inbound_at, id);
CREATE INDEX ticket_by_incident ON ticket (incident_id, id) WHERE incident_id IS NOT NULL;
CREATE INDEX ticket_by_team ON ticket (team, queue_rank, id) WHERE queue_rank IS NOT NULL AND team <> '';
CREATE INDEX ticket_to_close ON ticket (solved_at, id) WHERE status = 'solved';
CREATE INDEX ticket_route_ends ON ticket (route_ends_at, id) WHERE route_ends_at IS NOT NULL;
CREATE INDEX ticket_alarm ON ticket (alarm_at, id) WHERE alarm_at IS NOT NULL;
CREATE INDEX ticket_merged ON ticket (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX ticket_follow_up ON ticket (follow_up_of) WHERE follow_up_of IS NOT NULL;
