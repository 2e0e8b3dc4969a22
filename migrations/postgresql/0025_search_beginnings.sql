-- programs from 22 go on
-- SQLite's index of search gets lists for longer beginnings of words (migrations/sqlite/0025_search_beginnings.sql). This engine's finds
-- beginnings of every length in the one that it has.
COMMENT ON TABLE search_document IS 'Beginnings of words are found by the index of terms.';
