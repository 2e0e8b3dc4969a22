-- Access to the platforms: tokens kept sealed, and until when they are good.
-- migrations/postgresql/0003_access.sql is the same in that engine's words.

-- What a channel signs in with. `sealed` opens only with a key that is not in this database, and only for this channel
-- and kind.
CREATE TABLE credential (
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    sealed TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (channel, kind)
) STRICT;

-- When the channel's access ends, as far as the platform tells; what it lacks, in words; and the mark (14, 7 or 1 days
-- before the end) that was told of last.
ALTER TABLE channel_state ADD COLUMN access_ends_at INTEGER;
ALTER TABLE channel_state ADD COLUMN access_lacks TEXT NOT NULL DEFAULT '';
ALTER TABLE channel_state ADD COLUMN access_mark INTEGER NOT NULL DEFAULT 0;
