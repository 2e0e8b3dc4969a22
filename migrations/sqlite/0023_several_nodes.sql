-- programs from 22 go on
-- Starts are counted for each node. migrations/postgresql/0023_several_nodes.sql is the same in that engine's words, and lays the log
-- out in parts, of which one file has no need.

-- When the server on each machine was last started, and how often within a day of the first of those starts. Where there is only
-- one, its name is empty. `server_run` is for programs that know no more than 22.
CREATE TABLE server_start (
    machine TEXT PRIMARY KEY,
    started_at INTEGER NOT NULL,
    -- NULL: it runs, or it ended without stopping in an orderly way
    stopped_at INTEGER,
    -- how the run before ended; NULL: not in an orderly way, or there was none
    stopped_before INTEGER,
    series_at INTEGER NOT NULL,
    restarts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO server_start SELECT '', started_at, stopped_at, stopped_before, series_at, restarts FROM server_run;
