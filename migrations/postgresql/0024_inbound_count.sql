-- programs from 22 go on
-- How much of a ticket its customer wrote: what is new to somebody who looks at it again is what the customer wrote since, not what
-- a colleague answered.
ALTER TABLE ticket ADD COLUMN inbound_count BIGINT NOT NULL DEFAULT 0;
UPDATE ticket SET inbound_count = (SELECT count(*) FROM message m WHERE m.ticket_id = ticket.id AND m.direction = 'inbound');
