-- programs from 22 go on
-- (PostgreSQL: the turn of the nodes.)
-- FTS5 merges by itself in the middle of every 64th commit, and on a long past that commit then takes a quarter of a second: some
-- agent's reply. The engine's chore merges in small steps instead. (Programs before this one said so to the index at each start.)
INSERT INTO search_index (search_index, rank) VALUES ('automerge', 0);
