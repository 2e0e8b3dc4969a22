-- The budget governor: what a channel costs, what comes in by the hour, and what is strange about it.
-- As migrations/sqlite/0004_channel_budget.sql in PostgreSQL's words.

-- A UTC day (days since 1970-01-01) of a channel: its calls to the platform and their price.
CREATE TABLE channel_spending (
    channel TEXT COLLATE "C" NOT NULL,
    day BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    micro_dollars BIGINT NOT NULL,
    PRIMARY KEY (channel, day)
);

-- What customers wrote in an hour (hours since 1970-01-01T00:00Z), by the platform's time: what is usual at that hour.
CREATE TABLE channel_hour (
    channel TEXT COLLATE "C" NOT NULL,
    hour BIGINT NOT NULL,
    arrived BIGINT NOT NULL,
    PRIMARY KEY (channel, hour)
);

-- In words; empty: nothing to see. `quotas` is JSON, as the API serves it.
ALTER TABLE channel_state ADD COLUMN quiet TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE channel_state ADD COLUMN behind TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE channel_state ADD COLUMN quotas TEXT COLLATE "C" NOT NULL DEFAULT '[]';
