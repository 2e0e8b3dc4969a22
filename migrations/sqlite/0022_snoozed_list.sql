-- programs from 21 go on
-- The list of what is put off, last changed first: few tickets beside all that there are.
CREATE INDEX ticket_put_off ON ticket (status, updated_at, id) WHERE snoozed_until IS NOT NULL;
