-- The second factor of operators, and which roles ask for one.

ALTER TABLE roles ADD COLUMN second_factor_required BOOLEAN NOT NULL DEFAULT FALSE;

-- One row a person who has set it up. Whoever has only the database cannot compute a code: the secret is sealed under a
-- key of the key file.
CREATE TABLE second_factors (
    person_id      UUID PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    key_id         TEXT NOT NULL,           -- the server key it is sealed under
    secret         BYTEA NOT NULL,          -- nonce, sealed secret, tag
    last_step      BIGINT NOT NULL,         -- of the last code accepted; an earlier or equal one never is again
    failed_codes   INTEGER NOT NULL,        -- consecutive
    failed_code_at BIGINT,
    short_password BOOLEAN NOT NULL,        -- the password is shorter than one without a second factor may be
    enrolled_at    BIGINT NOT NULL
);

-- Each stands in for one code, once.
CREATE TABLE recovery_codes (
    person_id      UUID NOT NULL REFERENCES second_factors (person_id) ON DELETE CASCADE,
    hash           BYTEA NOT NULL,          -- keyed hash
    used_at        BIGINT,
    PRIMARY KEY (person_id, hash)
) CLUSTERED;

-- Sessions know one realm more, and whether a second factor opened them. A check cannot be changed in place.
ALTER TABLE sessions RENAME TO sessions_before;
CREATE TABLE sessions (
    id            UUID PRIMARY KEY,
    token_hash    BYTEA NOT NULL UNIQUE,    -- keyed hash; the cookie's value is nowhere stored
    person_id     UUID NOT NULL,
    realm         TEXT NOT NULL CHECK (realm IN ('console', 'preferences', 'forced_change', 'second_factor')),
    csrf_hash     BYTEA NOT NULL,
    created_at    BIGINT NOT NULL,
    seen_at       BIGINT NOT NULL,
    proved_at     BIGINT NOT NULL,          -- last fresh proof
    expires_at    BIGINT NOT NULL,          -- absolute
    user_agent    TEXT NOT NULL,
    network       TEXT NOT NULL,
    second_factor BOOLEAN NOT NULL          -- opened with one
);
INSERT INTO sessions (id, token_hash, person_id, realm, csrf_hash, created_at, seen_at, proved_at, expires_at, user_agent,
                      network, second_factor)
SELECT id, token_hash, person_id, realm, csrf_hash, created_at, seen_at, proved_at, expires_at, user_agent, network, FALSE
FROM sessions_before;
DROP TABLE sessions_before;
CREATE INDEX sessions_person ON sessions (person_id);
