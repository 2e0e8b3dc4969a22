-- What the outbox knows of the platforms' clocks.
-- migrations/postgresql/0006_platform_clock.sql is the same in that engine's words.

-- How far a platform's clock is ahead of ours, in microseconds: its times are looked at with that in mind.
CREATE TABLE platform_clock (
    channel TEXT PRIMARY KEY,
    ahead INTEGER NOT NULL
) STRICT;
