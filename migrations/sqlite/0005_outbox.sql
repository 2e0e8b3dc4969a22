-- Which ways an answer can go, replies written by hand, and what the outbox must know after a restore.
-- migrations/postgresql/0005_outbox.sql is the same in that engine's words.

-- X: nothing that the author wrote names our account. Facebook: hidden from nearly everybody.
ALTER TABLE message ADD COLUMN implicit_mention INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;

-- The person's private conversation beside what is public.
CREATE INDEX ticket_private_of_identity ON ticket (identity_id, channel) WHERE visibility = 'private';

ALTER TABLE reply ADD COLUMN route TEXT NOT NULL DEFAULT 'public_reply';
UPDATE reply SET route = 'private_message' WHERE visibility = 'private';
-- When a second copy was seen on the platform.
ALTER TABLE reply ADD COLUMN doubled_at INTEGER;
CREATE INDEX reply_by_target ON reply (channel, target_id, accepted_at);
CREATE INDEX reply_doubled ON reply (doubled_at) WHERE doubled_at IS NOT NULL;

-- Since when nobody knows whether the part is out, and when a supervisor was told so.
ALTER TABLE reply_part ADD COLUMN uncertain_since INTEGER;
ALTER TABLE reply_part ADD COLUMN paged_at INTEGER;
UPDATE reply_part SET uncertain_since = deadline_at WHERE state IN ('unknown', 'needs_decision');
-- After a restore: the platform is read before this is sent, since it may have been sent in the time that is lost.
ALTER TABLE reply_part ADD COLUMN quarantined INTEGER NOT NULL DEFAULT 0;
-- Sent again by the channel's option.
ALTER TABLE reply_part ADD COLUMN resent INTEGER NOT NULL DEFAULT 0;
CREATE INDEX reply_part_to_page ON reply_part (uncertain_since, id) WHERE uncertain_since IS NOT NULL AND paged_at IS NULL;
CREATE INDEX reply_part_quarantined ON reply_part (id) WHERE quarantined = 1;

-- Somebody answers on the platform itself; ends when our post is read back ('published') or with 'given_up'.
CREATE TABLE by_hand (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    channel TEXT NOT NULL,
    root_id TEXT NOT NULL,
    target_id TEXT NOT NULL,
    text TEXT NOT NULL,
    permalink TEXT NOT NULL,
    since INTEGER NOT NULL,
    ask_at INTEGER NOT NULL,
    asked_at INTEGER,
    ended_at INTEGER,
    outcome TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX by_hand_one_waiting ON by_hand (ticket_id) WHERE ended_at IS NULL;
CREATE INDEX by_hand_under_root ON by_hand (channel, root_id) WHERE ended_at IS NULL;
CREATE INDEX by_hand_to_ask ON by_hand (ask_at, id) WHERE ended_at IS NULL AND asked_at IS NULL;

-- One row: which life of the database this is. A file beside it says the same, and how far sending had come; when the two
-- disagree, the database was restored or exchanged.
CREATE TABLE lineage (
    id INTEGER PRIMARY KEY,
    token TEXT NOT NULL,
    quarantined_at INTEGER
) STRICT;
