-- Who does what only one node may do (include/sportello/storage/leases.hpp). On SQLite there is one node, and the table stays
-- empty; it is here so that both engines have the same schema.
CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    beat INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
