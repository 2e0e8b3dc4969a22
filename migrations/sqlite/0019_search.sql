-- Full-text search: what stands in the index (domain/search.hpp makes the terms), and how far what was there before this
-- migration has been indexed. migrations/postgresql/0019_search.sql is the same in that engine's words.

-- id: that of the message, reply, note, ticket (its subject) or identity, times 8, plus 1 to 5 for which of them it is; so
-- the newest of a kind have the greatest ids. `terms`: with a blank between.
CREATE TABLE search_document (
    id INTEGER PRIMARY KEY,
    brand TEXT NOT NULL,
    terms TEXT NOT NULL
) STRICT;

-- The terms are made by us, so that every engine has the same: FTS5 only cuts at blanks. No positions: phrases are looked
-- for among the newest hits.
CREATE VIRTUAL TABLE search_index USING fts5(
    terms, content = 'search_document', content_rowid = 'id', tokenize = "ascii tokenchars '_-'",
    detail = 'none', columnsize = 0, prefix = '2 3 4'
);

-- What is there already is indexed by and by, the newest first: all up to this id remain.
INSERT INTO reader_place (reader, seq) SELECT 'search.message', max(id) FROM message HAVING max(id) IS NOT NULL;
INSERT INTO reader_place (reader, seq) SELECT 'search.reply', max(id) FROM reply HAVING max(id) IS NOT NULL;
INSERT INTO reader_place (reader, seq) SELECT 'search.note', max(id) FROM note HAVING max(id) IS NOT NULL;
INSERT INTO reader_place (reader, seq) SELECT 'search.subject', max(ticket_id) FROM ticket_subject HAVING max(ticket_id) IS NOT NULL;
INSERT INTO reader_place (reader, seq) SELECT 'search.person', max(id) FROM identity HAVING max(id) IS NOT NULL;
