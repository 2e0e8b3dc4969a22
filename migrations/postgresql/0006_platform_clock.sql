-- What the outbox knows of the platforms' clocks.
-- As migrations/sqlite/0006_platform_clock.sql in PostgreSQL's words.

-- How far a platform's clock is ahead of ours, in microseconds: its times are looked at with that in mind.
CREATE TABLE platform_clock (
    channel TEXT COLLATE "C" PRIMARY KEY,
    ahead BIGINT NOT NULL
);
