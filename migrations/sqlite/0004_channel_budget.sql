-- The budget governor: what a channel costs, what comes in by the hour, and what is strange about it.
-- migrations/postgresql/0004_channel_budget.sql is the same in that engine's words.

-- A UTC day (days since 1970-01-01) of a channel: its calls to the platform and their price.
CREATE TABLE channel_spending (
    channel TEXT NOT NULL,
    day INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    micro_dollars INTEGER NOT NULL,
    PRIMARY KEY (channel, day)
) STRICT, WITHOUT ROWID;

-- What customers wrote in an hour (hours since 1970-01-01T00:00Z), by the platform's time: what is usual at that hour.
CREATE TABLE channel_hour (
    channel TEXT NOT NULL,
    hour INTEGER NOT NULL,
    arrived INTEGER NOT NULL,
    PRIMARY KEY (channel, hour)
) STRICT, WITHOUT ROWID;

-- In words; empty: nothing to see. `quotas` is JSON, as the API serves it.
ALTER TABLE channel_state ADD COLUMN quiet TEXT NOT NULL DEFAULT '';
ALTER TABLE channel_state ADD COLUMN behind TEXT NOT NULL DEFAULT '';
ALTER TABLE channel_state ADD COLUMN quotas TEXT NOT NULL DEFAULT '[]';
