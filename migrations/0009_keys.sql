-- What programs act with: API keys, and the requests they must be able to repeat.

-- The token is nowhere here, only its keyed hash.
CREATE TABLE api_keys (
    id           UUID PRIMARY KEY,
    token_hash   BYTEA NOT NULL UNIQUE,
    hint         TEXT NOT NULL,             -- the first characters, by which people know it again
    name         TEXT NOT NULL,
    owner_id     UUID NOT NULL,             -- whose rights bound it
    scopes       TEXT NOT NULL,             -- JSON array of permission names
    created_by   UUID,                      -- NULL: the command line
    made_with    UUID,                      -- the key that made it, which it cannot outlive
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at   BIGINT
);
CREATE INDEX api_keys_owner ON api_keys (owner_id);
CREATE INDEX api_keys_made_with ON api_keys (made_with) WHERE made_with IS NOT NULL;

-- Requests with an Idempotency-Key: what was asked, who carries it out, and the answer, sealed with a key
-- that only the one who asked has.
CREATE TABLE repeatable_requests (
    key_hash     BYTEA PRIMARY KEY,         -- keyed hash over the API key's id and the header
    fingerprint  BYTEA NOT NULL,            -- keyed hash over method, address and body
    fence        BIGINT NOT NULL,           -- whoever carries it out writes only under its own number
    until_at     BIGINT NOT NULL,           -- then another may take it over
    effect_at    BIGINT,                    -- committed together with its effect
    status       INTEGER,                   -- of the answer; NULL: none yet
    answer       BYTEA,
    created_at   BIGINT NOT NULL
);
CREATE INDEX repeatable_requests_created ON repeatable_requests (created_at);
