-- What recipients decide themselves: which groups they are in, how they are written to, at which address; what they
-- must confirm by mail, what they agreed to and when, and who asks to be erased.

-- A group may be offered at the recipients' own pages, under a title of its own.
ALTER TABLE "groups" ADD COLUMN subscribable BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE "groups" ADD COLUMN public_title TEXT NOT NULL DEFAULT ''; -- empty: its name
ALTER TABLE "groups" ADD COLUMN public_description TEXT NOT NULL DEFAULT '';
ALTER TABLE "groups" ADD COLUMN double_opt_in BOOLEAN NOT NULL DEFAULT FALSE;

-- What recipients may do with their own value.
ALTER TABLE attributes ADD COLUMN recipients TEXT NOT NULL DEFAULT 'hidden'
    CHECK (recipients IN ('hidden', 'see', 'edit'));

-- Wants no mail but credential mail and mails about the own account, since then.
ALTER TABLE people ADD COLUMN unsubscribed_at BIGINT;

-- The log of subscriptions: who agreed to what, when and how. It goes with the person.
CREATE TABLE consents (
    person_id    UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    number       INTEGER NOT NULL,          -- from 1 for each person
    act          TEXT NOT NULL CHECK (act IN ('asked', 'subscribed', 'unsubscribed', 'stopped_all', 'allowed_again')),
    group_id     UUID,                      -- NULL: everything; no foreign key, for the log outlives the group
    title        TEXT NOT NULL,             -- what the group was called then
    way          TEXT NOT NULL CHECK (way IN ('page', 'confirmation', 'link', 'one_click', 'operator')),
    actor_id     UUID,                      -- NULL: nobody in particular
    reason       TEXT NOT NULL,             -- as the person gave it; mostly empty
    network      TEXT NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (person_id, number)
) CLUSTERED;

-- What waits for a click in a mailbox.
CREATE TABLE confirmations (
    id           UUID PRIMARY KEY,
    person_id    UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    matter       TEXT NOT NULL CHECK (matter IN ('subscription', 'address')),
    address      TEXT,                      -- address: the new one
    old_address  TEXT,                      -- the person's when it was asked: with another one it is void
    old_verified BOOLEAN NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'confirmed', 'cancelled')),
    requested_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    settled_at   BIGINT
);
CREATE INDEX confirmations_person ON confirmations (person_id, requested_at);
CREATE INDEX confirmations_expires ON confirmations (expires_at);

-- Subscriptions asked for together are confirmed together.
CREATE TABLE confirmation_groups (
    confirmation_id UUID NOT NULL REFERENCES confirmations (id) ON DELETE CASCADE,
    group_id        UUID NOT NULL REFERENCES "groups" (id) ON DELETE CASCADE,
    PRIMARY KEY (confirmation_id, group_id)
) CLUSTERED;
CREATE INDEX confirmation_groups_group ON confirmation_groups (group_id);

-- Only a keyed hash is here, never the token; it is computed under the purpose, so that a token is good for one thing.
CREATE TABLE confirmation_links (
    token_hash      BYTEA PRIMARY KEY,
    key_id          TEXT NOT NULL,          -- which server key
    purpose         TEXT NOT NULL CHECK (purpose IN ('verify_address', 'confirm_subscription', 'object_address')),
    confirmation_id UUID NOT NULL REFERENCES confirmations (id) ON DELETE CASCADE,
    mail_id         UUID NOT NULL,          -- the mail it went out with
    minted_at       BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL
);
CREATE INDEX confirmation_links_confirmation ON confirmation_links (confirmation_id);
CREATE INDEX confirmation_links_mail ON confirmation_links (mail_id);

-- One a person. Declined ones stay, so that the person sees the answer.
CREATE TABLE deletion_requests (
    person_id    UUID PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    reason       TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    declined_at  BIGINT,                    -- NULL: an operator still has to decide
    declined_by  UUID,
    answer       TEXT NOT NULL              -- what the operator says to it
);
CREATE INDEX deletion_requests_open ON deletion_requests (requested_at) WHERE declined_at IS NULL;

-- Account mails know four kinds more. A check cannot be changed in place.
ALTER TABLE account_mails RENAME TO account_mails_before;
CREATE TABLE account_mails (
    id              UUID PRIMARY KEY,
    kind            TEXT NOT NULL CHECK (kind IN ('reset_link', 'password_changed', 'confirm_address',
                      'address_changing', 'confirm_subscription', 'deletion_asked')),
    asked           TEXT,                   -- what was typed, in canonical form, until it is looked up
    address         TEXT,                   -- where it goes: a stored address; NULL: not looked up yet
    person_id       UUID,                   -- whose account it is about; NULL: everybody's with the address
    confirmation_id UUID,                   -- what its link is for
    network         TEXT NOT NULL,          -- where it was asked from
    language        TEXT NOT NULL,          -- of the page, for who has none
    attempts        INTEGER NOT NULL,
    due_at          BIGINT,                 -- NULL: it is done with
    outcome         TEXT CHECK (outcome IN ('accepted', 'given_up', 'absorbed', 'left_out')),
    detail          TEXT,                   -- the relay's words, or why nobody was written to
    requested_at    BIGINT NOT NULL,
    settled_at      BIGINT
);
INSERT INTO account_mails (id, kind, asked, address, person_id, network, language, attempts, due_at, outcome, detail,
                           requested_at, settled_at)
SELECT id, kind, asked, address, person_id, network, language, attempts, due_at, outcome, detail, requested_at, settled_at
FROM account_mails_before;
DROP TABLE account_mails_before;
CREATE INDEX account_mails_due ON account_mails (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX account_mails_settled ON account_mails (settled_at) WHERE settled_at IS NOT NULL;
