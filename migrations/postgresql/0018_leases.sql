-- Who does what only one node may do (include/sportello/storage/leases.hpp).
CREATE TABLE lease (
    name TEXT COLLATE "C" PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    epoch BIGINT NOT NULL,
    beat BIGINT NOT NULL
) WITH (fillfactor = 50); -- renewed every few seconds: the new version fits beside the old
