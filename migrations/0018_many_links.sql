-- Personal links by the hundred thousand, as a mailing mints them: what is written for each is little.
--
-- The words of a state are compared with OR, also where an index is partial: for IN (…) SQLite fills a table in memory
-- each time. A link of a run has its recipient and is found by its person; only the mails of the account lane are looked
-- up by their own id. No index has the state, so that PostgreSQL can change it in place.

ALTER TABLE reset_links RENAME TO reset_links_before;

CREATE TABLE reset_links (
    token_hash   BYTEA PRIMARY KEY,
    key_id       TEXT NOT NULL,             -- which server key
    person_id    UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    mail_id      UUID NOT NULL,             -- the mail it went out with
    recipient_id BIGINT,                    -- that mail's recipient, when it was a run's; mail_id is then the mail's own id
    address      TEXT NOT NULL,             -- the stored address then: with another one the link is void
    state        TEXT NOT NULL CHECK (state = 'sending' OR state = 'unknown' OR state = 'active' OR state = 'used'
                   OR state = 'retired' OR state = 'dropped'),
    minted_at    BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
{postgres:ALTER TABLE reset_links SET (fillfactor = 80);}
INSERT INTO reset_links (token_hash, key_id, person_id, mail_id, recipient_id, address, state, minted_at, expires_at)
SELECT token_hash, key_id, person_id, mail_id, recipient_id, address, state, minted_at, expires_at
FROM reset_links_before;
DROP TABLE reset_links_before;

CREATE INDEX reset_links_person ON reset_links (person_id, minted_at);
CREATE INDEX reset_links_mail ON reset_links (mail_id) WHERE recipient_id IS NULL;
