-- Mails about somebody's own account that this somebody caused: the personal links asked for at /reset, and the word
-- that a password was changed. They have a lane of their own and never wait behind a run.

CREATE TABLE account_mails (
    id           UUID PRIMARY KEY,
    kind         TEXT NOT NULL CHECK (kind IN ('reset_link', 'password_changed')),
    asked        TEXT,                      -- what was typed, in canonical form, until it is looked up
    address      TEXT,                      -- where it goes: a stored address; NULL: not looked up yet
    person_id    UUID,                      -- password_changed: whose
    network      TEXT NOT NULL,             -- where it was asked from
    language     TEXT NOT NULL,             -- of the page, for who has none
    attempts     INTEGER NOT NULL,
    due_at       BIGINT,                    -- NULL: it is done with
    outcome      TEXT CHECK (outcome IN ('accepted', 'given_up', 'absorbed', 'left_out')),
    detail       TEXT,                      -- the relay's words, or why nobody was written to
    requested_at BIGINT NOT NULL,
    settled_at   BIGINT
);
CREATE INDEX account_mails_due ON account_mails (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX account_mails_settled ON account_mails (settled_at) WHERE settled_at IS NOT NULL;

-- Personal links. Only a keyed hash is here, never the token.
CREATE TABLE reset_links (
    token_hash BYTEA PRIMARY KEY,
    key_id     TEXT NOT NULL,               -- which server key
    person_id  UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    mail_id    UUID NOT NULL,               -- the mail it went out with
    address    TEXT NOT NULL,               -- the stored address then: with another one the link is void
    state      TEXT NOT NULL CHECK (state IN ('sending', 'unknown', 'active', 'used', 'retired', 'dropped')),
    minted_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX reset_links_person ON reset_links (person_id, minted_at);
CREATE INDEX reset_links_mail ON reset_links (mail_id);
-- So that runs ask who has a live link at no cost: mostly nobody has.
CREATE INDEX reset_links_live ON reset_links (expires_at) WHERE state IN ('sending', 'unknown', 'active');
