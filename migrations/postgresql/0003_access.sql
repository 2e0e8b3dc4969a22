-- Access to the platforms: tokens kept sealed, and until when they are good.
-- As migrations/sqlite/0003_access.sql in PostgreSQL's words.

-- What a channel signs in with. `sealed` opens only with a key that is not in this database, and only for this channel
-- and kind.
CREATE TABLE credential (
    channel TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    sealed TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (channel, kind)
);

-- When the channel's access ends, as far as the platform tells; what it lacks, in words; and the mark (14, 7 or 1 days
-- before the end) that was told of last.
ALTER TABLE channel_state ADD COLUMN access_ends_at BIGINT;
ALTER TABLE channel_state ADD COLUMN access_lacks TEXT NOT NULL DEFAULT '';
ALTER TABLE channel_state ADD COLUMN access_mark BIGINT NOT NULL DEFAULT 0;
