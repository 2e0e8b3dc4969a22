-- programs from 22 go on
-- Every word is also looked for as the beginning of longer ones. For a length that has no list of its own FTS5 first puts all documents
-- with such words together, of which a search reads the newest: a quarter of a second with a million messages. The index takes twice
-- the room. It is made again here of the documents, about ten seconds for each 100,000 of them.
DROP TABLE search_index;
CREATE VIRTUAL TABLE search_index USING fts5(
    terms, content = 'search_document', content_rowid = 'id', tokenize = "ascii tokenchars '_-'",
    detail = 'none', columnsize = 0, prefix = '2 3 4 5 6 7 8 9 10'
);
INSERT INTO search_index (search_index) VALUES ('rebuild');
