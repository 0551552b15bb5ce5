-- Rows that a run changes twice. PostgreSQL writes a changed row beside the old one and, where that is another page, into
-- every index of the table as well: room is kept for it on each page.
{postgres:ALTER TABLE people SET (fillfactor = 70);}
{postgres:ALTER TABLE recipients SET (fillfactor = 70);}
{postgres:ALTER TABLE credentials SET (fillfactor = 80);}
