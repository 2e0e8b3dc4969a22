-- Who did what to what, when and from where; the other systems that are told of events; files, and persons who are forgotten.
-- migrations/postgresql/0014_audit_webhooks_and_files.sql is the same in that engine's words.

-- Append-only: `hash` covers the row and the hash of the row before it (storage/audit.cpp). No text of a customer stands
-- here, so that an erasure leaves the chain as it is. Before and after are JSON without secrets, or empty.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor_id INTEGER,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    object_id TEXT NOT NULL,
    brand TEXT NOT NULL,
    came_from TEXT NOT NULL,
    reason TEXT NOT NULL,
    before_change TEXT NOT NULL,
    after_change TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_actor ON audit (actor_id, seq);
CREATE INDEX audit_by_action ON audit (action, seq);
CREATE INDEX audit_by_object ON audit (object, object_id, seq);
CREATE INDEX audit_by_time ON audit (at, seq);
CREATE TRIGGER audit_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

-- `types` and `brands`: words with commas between them, empty for all. The secrets are sealed. Events up to `cursor_seq` are
-- delivered, or wait as deliveries.
CREATE TABLE webhook (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    types TEXT NOT NULL,
    brands TEXT NOT NULL,
    secret TEXT NOT NULL,
    old_secret TEXT NOT NULL,
    old_secret_until INTEGER,
    enabled INTEGER NOT NULL,
    disabled_why TEXT NOT NULL,
    cursor_seq INTEGER NOT NULL,
    failing_since INTEGER,
    not_before INTEGER NOT NULL,
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL
) STRICT;

-- One event on its way to one webhook: 'waiting', 'delivered', 'given_up'. `lane` is the ticket's id, 0 without one: of a
-- lane the first goes before the others. `seq` stands for the body, which is made anew for each try.
CREATE TABLE webhook_delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id INTEGER NOT NULL REFERENCES webhook (id),
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    lane INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_try INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    tried_at INTEGER,
    status INTEGER,
    excerpt TEXT NOT NULL,
    failure TEXT NOT NULL
) STRICT;
CREATE INDEX webhook_delivery_log ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_try, id) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_lane ON webhook_delivery (webhook_id, lane, id) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_by_time ON webhook_delivery (created_at, id);

-- 'remote' (not fetched), 'stored' under its digest, 'refused', 'erased'.
ALTER TABLE attachment ADD COLUMN state TEXT NOT NULL DEFAULT 'remote';
ALTER TABLE attachment ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE attachment ADD COLUMN media_type TEXT NOT NULL DEFAULT '';
ALTER TABLE attachment ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attachment ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE attachment ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attachment ADD COLUMN next_try INTEGER;
-- Those of before are fetched too: their addresses may still be good.
UPDATE attachment SET next_try = 0;
CREATE INDEX attachment_to_fetch ON attachment (next_try, id) WHERE next_try IS NOT NULL;
CREATE INDEX attachment_by_digest ON attachment (digest) WHERE digest <> '';
CREATE INDEX attachment_stored ON attachment (id) WHERE state = 'stored';

-- A file that an agent sends: bound to a part of a reply when that is accepted.
CREATE TABLE upload (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    digest TEXT NOT NULL,
    at INTEGER NOT NULL,
    reply_id INTEGER REFERENCES reply (id),
    part INTEGER NOT NULL
) STRICT;
CREATE INDEX upload_of_reply ON upload (reply_id, part) WHERE reply_id IS NOT NULL;
CREATE INDEX upload_of_ticket ON upload (ticket_id, id);
CREATE INDEX upload_unused ON upload (at, id) WHERE reply_id IS NULL;
CREATE INDEX upload_by_digest ON upload (digest) WHERE digest <> '';

-- Files of which a row spoke: removed unless another row still does.
CREATE TABLE forgotten_file (
    digest TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Persons who were forgotten. `customer_since` tells them apart from who got the number in another life of the database.
CREATE TABLE erasure (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id INTEGER NOT NULL REFERENCES customer (id),
    customer_since INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX erasure_of_customer ON erasure (customer_id, id);
CREATE INDEX message_by_identity ON message (identity_id, id) WHERE identity_id IS NOT NULL;
CREATE INDEX rejected_item_by_time ON rejected_item (at, id);
-- When its texts were forgotten.
ALTER TABLE ticket ADD COLUMN forgotten_at INTEGER;
CREATE INDEX ticket_to_forget ON ticket (closed_at, id) WHERE closed_at IS NOT NULL AND forgotten_at IS NULL;
