-- programs from 25 go on
-- SQLite's index of search leaves merging to the engine (migrations/sqlite/0026_search_merges.sql). VACUUM looks after this one.
COMMENT ON INDEX search_index IS 'Tidied by VACUUM.';
