-- What keeps the house in order: sessions, counters, the audit chain, nodes, settings.

CREATE TABLE sessions (
    id            UUID PRIMARY KEY,
    token_hash    BYTEA NOT NULL UNIQUE,    -- keyed hash; the cookie's value is nowhere stored
    person_id     UUID NOT NULL,
    realm         TEXT NOT NULL CHECK (realm IN ('console', 'preferences', 'forced_change')),
    csrf_hash     BYTEA NOT NULL,
    created_at    BIGINT NOT NULL,
    seen_at       BIGINT NOT NULL,
    proved_at     BIGINT NOT NULL,          -- last fresh proof of the password
    expires_at    BIGINT NOT NULL,          -- absolute
    user_agent    TEXT NOT NULL,
    network       TEXT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person_id);

-- Counters of the rate limits, shared by all nodes: one row a bucket.
CREATE TABLE rates (
    bucket        TEXT PRIMARY KEY,         -- keyed hash of what is limited, never the thing itself
    tokens        DOUBLE PRECISION NOT NULL,
    refilled_at   BIGINT NOT NULL
);

-- One-time secrets of the installation, such as the link for the first Owner.
CREATE TABLE bootstraps (
    token_hash    BYTEA PRIMARY KEY,
    expires_at    BIGINT NOT NULL,
    used_at       BIGINT
);

CREATE TABLE audit (
    number        INTEGER PRIMARY KEY,      -- without gaps, from 1
    at            BIGINT NOT NULL,
    actor_id      UUID,                     -- NULL: the system itself
    actor         TEXT NOT NULL,            -- operator, system, recipient, command line
    action        TEXT NOT NULL,
    subject_kind  TEXT NOT NULL,
    subject_id    TEXT NOT NULL,
    detail        TEXT NOT NULL,            -- JSON without secrets and without personal data
    network       TEXT NOT NULL,
    hash          BYTEA NOT NULL            -- SHA-256 over the previous hash and this row
);

CREATE TABLE nodes (
    id            TEXT PRIMARY KEY,
    roles         TEXT NOT NULL,
    listen        TEXT NOT NULL,
    started_at    BIGINT NOT NULL,
    seen_at       BIGINT NOT NULL
);

-- Numbers that only grow: runs, leases, automations.
CREATE TABLE counters (
    name          TEXT PRIMARY KEY,
    value         BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('run', 0), ('lease', 0), ('automation', 0);

-- Mails to operators: a failed run, the reminder before an automation ends. They carry no secret.
CREATE TABLE notices (
    id            UUID PRIMARY KEY,
    person_id     UUID NOT NULL,
    kind          TEXT NOT NULL,
    about         TEXT NOT NULL,            -- JSON: what the mail says
    attempts      INTEGER NOT NULL,
    due_at        BIGINT,                   -- NULL: done with
    outcome       TEXT,
    created_at    BIGINT NOT NULL
);
CREATE INDEX notices_due ON notices (due_at) WHERE due_at IS NOT NULL;

-- Facts of the installation that operators change while it runs.
CREATE TABLE settings (
    name          TEXT PRIMARY KEY,
    value         TEXT NOT NULL,            -- JSON
    updated_at    BIGINT NOT NULL
);

CREATE TABLE templates (
    kind          TEXT NOT NULL,            -- which mail
    language      TEXT NOT NULL,
    subject       TEXT NOT NULL,
    text          TEXT NOT NULL,
    html          TEXT NOT NULL,
    editor_id     UUID NOT NULL,
    updated_at    BIGINT NOT NULL,
    PRIMARY KEY (kind, language)
);
