-- Going live: since when a channel counts, and reading and publishing paused apart.
-- As migrations/sqlite/0002_going_live.sql in PostgreSQL's words.

-- When the channel was first read; what is older is context (unless the configuration says another time). Channels that
-- were read before this was written down go on as they were: all they read counts. `paused` is that of reading.
ALTER TABLE channel_state ADD COLUMN connected_at BIGINT;
ALTER TABLE channel_state ADD COLUMN publishing_paused BIGINT NOT NULL DEFAULT 0;
UPDATE channel_state SET connected_at = 0 WHERE cursor <> '' OR last_poll_at IS NOT NULL;

-- Items from before the channel counted, until a ticket under the same root takes them along.
CREATE INDEX message_context ON message (channel, root_id, identity_id, id) WHERE intake = 'context';
CREATE INDEX message_context_answers ON message (channel, parent_id, id) WHERE intake = 'context';

-- Why a queued part is not sent: '' (it is), 'paused' (leaves when publishing goes on), 'trial' (the channel ran without
-- publishing when it was due: leaves only by a person's order).
ALTER TABLE reply_part ADD COLUMN held TEXT COLLATE "C" NOT NULL DEFAULT '';
DROP INDEX reply_part_queued;
CREATE INDEX reply_part_queued ON reply_part (next_try, id) WHERE state = 'queued' AND held = '';
CREATE INDEX reply_part_held ON reply_part (channel, id) WHERE state = 'queued' AND held <> '';
