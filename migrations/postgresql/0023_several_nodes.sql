-- programs from 22 go on
-- Past one machine: starts are counted for each node, and the log stands in parts, so that what is forgotten of it is dropped and
-- not deleted row by row (src/storage/README.md). migrations/sqlite/0023_several_nodes.sql has the first of the two.
-- Behind a reader that stays for hours, such as a pg_dump, this gives up instead of making all others wait too.
SET LOCAL lock_timeout = '20s';

-- When the server on each machine was last started, and how often within a day of the first of those starts. Where there is only
-- one, its name is empty. `server_run` is for programs that know no more than 22.
CREATE TABLE server_start (
    machine TEXT COLLATE "C" PRIMARY KEY,
    started_at BIGINT NOT NULL,
    -- NULL: it runs, or it ended without stopping in an orderly way
    stopped_at BIGINT,
    -- how the run before ended; NULL: not in an orderly way, or there was none
    stopped_before BIGINT,
    series_at BIGINT NOT NULL,
    restarts BIGINT NOT NULL
);

-- `event_to_N` holds the numbers below N, down to where the part before it ends.
CREATE SEQUENCE event_number;
SELECT setval('event_number', last_value, is_called) FROM event_seq_seq;
ALTER TABLE event ALTER COLUMN seq DROP IDENTITY;
ALTER TABLE event RENAME TO event_until_now;
ALTER INDEX event_pkey RENAME TO event_until_now_pkey;
ALTER INDEX event_by_ticket RENAME TO event_until_now_by_ticket;

CREATE TABLE event (
    seq BIGINT NOT NULL DEFAULT nextval('event_number'),
    type TEXT NOT NULL,
    at BIGINT NOT NULL,
    ticket_id BIGINT,
    actor_id BIGINT,
    cause TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (seq)
) PARTITION BY RANGE (seq);
CREATE INDEX event_by_ticket ON event (ticket_id, seq);
ALTER SEQUENCE event_number OWNED BY event.seq;

-- Where the last part ends.
CREATE FUNCTION end_of_event_parts() RETURNS BIGINT LANGUAGE sql AS $$
    SELECT coalesce(max(substr(c.relname, 10)::BIGINT), 0) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'event'::regclass
$$;

-- Sees to it that four parts of a million are ahead of this number. Readers and writers go on beside it.
CREATE FUNCTION make_event_parts(reached BIGINT) RETURNS VOID LANGUAGE plpgsql SET lock_timeout = '5s' AS $$
DECLARE
    size CONSTANT BIGINT := 1000000;
    ends BIGINT := end_of_event_parts();
    next BIGINT;
BEGIN
    IF ends > reached + 4 * size THEN RETURN; END IF;
    PERFORM pg_advisory_xact_lock(6012950542);
    ends := end_of_event_parts(); -- another node may have been faster
    WHILE ends <= reached + 4 * size LOOP
        -- A gap that a move or a restore left is one part.
        next := greatest(ends, reached / size * size) + size;
        EXECUTE format('CREATE TABLE event_to_%s (LIKE event)', next);
        EXECUTE format('ALTER TABLE event ATTACH PARTITION event_to_%s FOR VALUES FROM (%s) TO (%s)', next, ends, next);
        ends := next;
    END LOOP;
END $$;

-- Drops the parts all of whose events are older, unless a reader holds on to them: then the next time. `waits`: what is older still
-- stands in a part that is dropped within `patience`, so that deleting its rows would be for nothing.
CREATE FUNCTION drop_event_parts(older BIGINT, patience BIGINT, OUT dropped BIGINT, OUT waits BOOLEAN)
LANGUAGE plpgsql SET lock_timeout = '300ms' AS $$
DECLARE
    part RECORD;
    first BIGINT;
    last BIGINT;
    events BIGINT;
BEGIN
    dropped := 0;
    waits := FALSE;
    FOR part IN SELECT c.relname AS name, substr(c.relname, 10)::BIGINT AS ends FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'event'::regclass ORDER BY 2 LOOP
        -- Numbers rise in the order of the commits: once a later one is seen no event comes into this part any more.
        IF NOT EXISTS (SELECT 1 FROM event WHERE seq >= part.ends) THEN RETURN; END IF;
        EXECUTE format('SELECT at FROM %I ORDER BY seq LIMIT 1', part.name) INTO first;
        EXECUTE format('SELECT at FROM %I ORDER BY seq DESC LIMIT 1', part.name) INTO last;
        IF last >= older THEN
            waits := first < older AND last - first <= patience;
            RETURN;
        END IF;
        -- Units that were committed one after the other need not have begun so.
        EXECUTE format('SELECT count(*), max(at) FROM %I', part.name) INTO events, last;
        waits := coalesce(last >= older, FALSE);
        IF waits THEN RETURN; END IF;
        EXECUTE format('DROP TABLE %I', part.name);
        dropped := dropped + events;
    END LOOP;
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
    dropped := 0; -- all of it was undone
    waits := TRUE;
END $$;

DO $$
DECLARE ends BIGINT;
BEGIN
    SELECT (last_value / 1000000 + 1) * 1000000 INTO ends FROM event_number;
    EXECUTE format('ALTER TABLE event_until_now ADD CONSTRAINT ends CHECK (seq < %s)', ends); -- so that attaching looks at nothing
    EXECUTE format('ALTER TABLE event_until_now RENAME TO event_to_%s', ends);
    EXECUTE format('ALTER TABLE event ATTACH PARTITION event_to_%s FOR VALUES FROM (MINVALUE) TO (%s)', ends, ends);
    EXECUTE format('ALTER TABLE event_to_%s DROP CONSTRAINT ends', ends);
    PERFORM make_event_parts(ends - 1);
END $$;
