-- What happens: runs, their recipients, credentials and deliveries.
--
-- The stages are rows with a state. A message has no table: it is composed in the memory of the
-- worker that sends it and never stored, because it carries a secret; what may be kept of it (its
-- Message-ID, size, language) stands in the delivery.

CREATE TABLE runs (
    id             UUID PRIMARY KEY,
    number         INTEGER NOT NULL UNIQUE, -- upper half of its recipients' ids
    trigger        TEXT NOT NULL CHECK (trigger IN ('schedule', 'operator', 'event', 'start_time')),
    automation_id  UUID,
    selection_id   UUID,
    name           TEXT NOT NULL,
    job            TEXT NOT NULL,           -- JSON, as it was when the run began
    filter         TEXT NOT NULL,           -- the filter as it was evaluated
    started_by     UUID,                    -- the operator, when one started it
    owner_id       UUID NOT NULL,
    shaped_by      TEXT NOT NULL,           -- JSON array of person ids whose lowest rank is the run's rank
    state          TEXT NOT NULL CHECK (state IN
                     ('preparing', 'running', 'paused', 'finished', 'cancelled', 'failed')),
    cause          TEXT,                    -- why paused, cancelled or failed, for people to read
    cursor_id      BIGINT NOT NULL,         -- recipients up to here have been claimed once
    last_id        BIGINT NOT NULL,         -- the last recipient
    total          INTEGER NOT NULL,        -- everyone in the audience, left out or not
    left_out       INTEGER NOT NULL,
    accepted       INTEGER NOT NULL,
    deferred       INTEGER NOT NULL,
    refused        INTEGER NOT NULL,
    unknown        INTEGER NOT NULL,
    cancelled      INTEGER NOT NULL,
    -- what the run is watched by, since it began or was resumed: it pauses itself when too much is refused
    watch_accepted INTEGER NOT NULL,
    watch_refused  INTEGER NOT NULL,
    refused_in_a_row INTEGER NOT NULL,
    created_at     BIGINT NOT NULL,
    started_at     BIGINT,
    finished_at    BIGINT
);
CREATE INDEX runs_open ON runs (state) WHERE state IN ('preparing', 'running', 'paused');
CREATE INDEX runs_automation ON runs (automation_id);

-- No foreign key to people: a person can be erased, the count of the run cannot.
CREATE TABLE recipients (
    id         INTEGER PRIMARY KEY,         -- run number and place, see domain::id::RecipientId
    person_id  UUID NOT NULL,
    state      TEXT NOT NULL CHECK (
                 state = 'planned' OR state = 'sending' OR state = 'accepted' OR state = 'deferred' OR state = 'refused'
                 OR state = 'bounced' OR state = 'unknown' OR state = 'left_out' OR state = 'cancelled'),
    reason     TEXT,                        -- left_out: why; refused and deferred: the class of the answer
    attempts   INTEGER NOT NULL,
    tries_left INTEGER NOT NULL,            -- before it counts as refused; a retry by an operator fills it up
    due_at     BIGINT,                      -- deferred and unknown: not before
    lease_id   BIGINT,                      -- sending: the fencing number it was claimed under
    settled_at BIGINT
);
CREATE INDEX recipients_due ON recipients (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX recipients_person ON recipients (person_id);

-- A chunk of recipients in the hands of one worker. The id only grows: it is the fencing number.
CREATE TABLE leases (
    id        INTEGER PRIMARY KEY,
    run_id    UUID NOT NULL,
    node      TEXT NOT NULL,
    first_id  BIGINT NOT NULL,
    last_id   BIGINT NOT NULL,
    until_at  BIGINT NOT NULL
);

-- A mailed password waiting for its fate. Only a keyed hash is here, never the password.
CREATE TABLE credentials (
    person_id    UUID NOT NULL,
    id           UUID NOT NULL,
    recipient_id BIGINT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('mailed_password')),
    scheme       TEXT NOT NULL CHECK (scheme IN ('hmac-sha256', 'argon2id')),
    key_id       TEXT NOT NULL,             -- which server key
    hash         BYTEA NOT NULL,
    state        TEXT NOT NULL CHECK (state = 'sending' OR state = 'active' OR state = 'unknown' OR state = 'used'
                   OR state = 'retired' OR state = 'dropped'),
    minted_at    BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (person_id, id)
) CLUSTERED;

CREATE TABLE deliveries (
    recipient_id BIGINT NOT NULL,
    attempt      INTEGER NOT NULL,
    relay        TEXT NOT NULL,
    message_id   TEXT NOT NULL,
    outcome      TEXT NOT NULL CHECK (outcome = 'accepted' OR outcome = 'deferred' OR outcome = 'refused'
                   OR outcome = 'unknown' OR outcome = 'not_sent' OR outcome = 'bounced'),
    code         INTEGER,                   -- the SMTP reply code
    enhanced     TEXT,                      -- the enhanced status code (RFC 3463)
    reply        TEXT,                      -- the relay's words, redacted
    recorded_at  BIGINT NOT NULL,
    PRIMARY KEY (recipient_id, attempt)
) CLUSTERED;
