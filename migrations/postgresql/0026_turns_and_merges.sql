-- programs from 22 go on
-- What takes messages in, threads them and hands tickets out reads and writes much: run beside another node's, the one or the other
-- would be in the way and run again. A node that is at such work holds this table; it has no rows.
CREATE TABLE writing_turn (node BIGINT);
