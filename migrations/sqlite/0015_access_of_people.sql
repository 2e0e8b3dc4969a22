-- How people and programs get in: what is remembered of a session, second factors, one-time links, identities at an
-- OpenID provider, scopes of tokens. migrations/postgresql/0015_access_of_people.sql is the same in that engine's words.

-- From where and how somebody logged in, for the list of their sessions; and whether the code of the second factor is
-- still to come: until then the session opens nothing.
ALTER TABLE session ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN signed_in_by TEXT NOT NULL DEFAULT 'password';
ALTER TABLE session ADD COLUMN awaits_code INTEGER NOT NULL DEFAULT 0;

-- Words with commas; empty: all that its maker may do.
ALTER TABLE api_token ADD COLUMN scopes TEXT NOT NULL DEFAULT '';

-- What the pool need not know of a person. `totp_secret` is sealed with a key that is not in this database; it counts once
-- it is confirmed. A code counts once: `totp_last_step` is the 30 seconds of the last one taken.
CREATE TABLE agent_access (
    agent_id INTEGER PRIMARY KEY REFERENCES agent (id),
    email TEXT NOT NULL DEFAULT '',
    second_factor_required INTEGER NOT NULL DEFAULT 0,
    totp_secret TEXT NOT NULL DEFAULT '',
    totp_confirmed_at INTEGER,
    totp_last_step INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX agent_access_by_email ON agent_access (email) WHERE email <> '';

-- Each good for one log-in without the second factor.
CREATE TABLE recovery_code (
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    code_hash TEXT NOT NULL,
    PRIMARY KEY (agent_id, code_hash)
) STRICT, WITHOUT ROWID;

-- Links that let somebody in once: "first_admin" (for nobody yet), "invitation", "reset".
CREATE TABLE access_link (
    token_hash TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    agent_id INTEGER REFERENCES agent (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX access_link_by_agent ON access_link (agent_id);

-- Who somebody is at an OpenID provider: what it calls them, not what they call themselves.
CREATE TABLE outside_identity (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    agent_id INTEGER NOT NULL REFERENCES agent (id),
    email TEXT NOT NULL DEFAULT '',
    linked_at INTEGER NOT NULL,
    UNIQUE (issuer, subject)
) STRICT;
CREATE INDEX outside_identity_by_agent ON outside_identity (agent_id);

-- Grows with each change of what somebody may do, so that open streams of any process see it within a second.
CREATE TABLE access_version (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT;
INSERT INTO access_version (id, version) VALUES (1, 0);
