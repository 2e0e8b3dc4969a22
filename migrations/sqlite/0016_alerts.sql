-- Alerts to people, and when the server ran. migrations/postgresql/0016_alerts.sql is the same in that engine's words.

-- Something that people have to know of. At most one that goes on for each kind and key.
CREATE TABLE alert (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- words of domain::AlertKind
    kind TEXT NOT NULL,
    cause TEXT NOT NULL,
    -- empty: the house as a whole
    brand TEXT NOT NULL,
    channel TEXT NOT NULL,
    level INTEGER NOT NULL,
    text TEXT NOT NULL,
    remedy TEXT NOT NULL,
    passing INTEGER NOT NULL,
    begun_at INTEGER NOT NULL,
    ended_at INTEGER,
    acknowledged_at INTEGER,
    -- NULL with acknowledged_at: by the link of a notice
    acknowledged_by INTEGER REFERENCES agent (id),
    acknowledged_how TEXT NOT NULL,
    -- every all-clear is in alert_notice
    settled INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX alert_going_on ON alert (kind, cause) WHERE ended_at IS NULL;
CREATE INDEX alert_unsettled ON alert (id) WHERE settled = 0;
CREATE INDEX alert_ended ON alert (ended_at, id) WHERE ended_at IS NOT NULL;

-- How far each [[alert]] of the configuration has come with it.
CREATE TABLE alert_progress (
    alert_id INTEGER NOT NULL REFERENCES alert (id),
    route TEXT NOT NULL,
    first_told_at INTEGER,
    last_told_at INTEGER,
    steps_told INTEGER NOT NULL,
    reached INTEGER NOT NULL,
    cleared INTEGER NOT NULL,
    PRIMARY KEY (alert_id, route)
) STRICT, WITHOUT ROWID;

-- What is to be sent to one recipient: the configuration says where, by route, step and place.
CREATE TABLE alert_notice (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    alert_id INTEGER NOT NULL REFERENCES alert (id),
    route TEXT NOT NULL,
    step INTEGER NOT NULL,
    place INTEGER NOT NULL,
    -- words of domain::AlertNotice
    kind TEXT NOT NULL,
    -- whom, without anything secret: "mailto:ops@example.it", "https://hooks.example.it"
    recipient TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- 'queued', 'sent', 'failed'
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_try INTEGER,
    reason TEXT NOT NULL,
    -- SHA-256 of the one-time link's token; empty: none
    link_hash TEXT NOT NULL
) STRICT;
CREATE INDEX alert_notice_due ON alert_notice (next_try, id) WHERE next_try IS NOT NULL;
CREATE INDEX alert_notice_of ON alert_notice (alert_id, id);
CREATE INDEX alert_notice_link ON alert_notice (link_hash) WHERE link_hash <> '';

-- When the server was last started, and how often within a day of the first of those starts.
CREATE TABLE server_run (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    started_at INTEGER NOT NULL,
    -- NULL: it runs, or it ended without stopping in an orderly way
    stopped_at INTEGER,
    -- how the run before ended; NULL: not in an orderly way, or there was none
    stopped_before INTEGER,
    series_at INTEGER NOT NULL,
    restarts INTEGER NOT NULL
) STRICT;
