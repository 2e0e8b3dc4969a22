-- Full-text search: what stands in the index (domain/search.hpp makes the terms), and how far what was there before this
-- migration has been indexed. migrations/sqlite/0019_search.sql is the same in that engine's words.

-- id: that of the message, reply, note, ticket (its subject) or identity, times 8, plus 1 to 5 for which of them it is; so
-- the newest of a kind have the greatest ids. `terms`: with a blank between.
CREATE TABLE search_document (
    id BIGINT PRIMARY KEY,
    brand TEXT NOT NULL,
    terms TEXT NOT NULL,
    -- The terms are made by us, so that every engine has the same: no dictionary of PostgreSQL's touches them.
    words TSVECTOR GENERATED ALWAYS AS (array_to_tsvector(string_to_array(terms, ' '))) STORED
);
CREATE INDEX search_index ON search_document USING gin (words);

-- What is there already is indexed by and by, the newest first: all up to this id remain.
INSERT INTO reader_place (reader, seq) SELECT 'search.message', max(id) FROM message HAVING max(id) IS NOT NULL;
INSERT INTO reader_place (reader, seq) SELECT 'search.reply', max(id) FROM reply HAVING max(id) IS NOT NULL;
INSERT INTO reader_place (reader, seq) SELECT 'search.note', max(id) FROM note HAVING max(id) IS NOT NULL;
INSERT INTO reader_place (reader, seq) SELECT 'search.subject', max(ticket_id) FROM ticket_subject HAVING max(ticket_id) IS NOT NULL;
INSERT INTO reader_place (reader, seq) SELECT 'search.person', max(id) FROM identity HAVING max(id) IS NOT NULL;
