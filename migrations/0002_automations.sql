-- What shall happen: selections, holidays, automations and their occurrences.

CREATE TABLE selections (
    id           UUID PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    description  TEXT NOT NULL,
    filter       TEXT NOT NULL,             -- SCIM filter text, as written
    size_limit   BIGINT,
    time_zone    TEXT NOT NULL,
    author_id    UUID NOT NULL,
    editors      TEXT NOT NULL,             -- JSON array of person ids: everyone who last shaped it
    published    BOOLEAN NOT NULL,
    archived     BOOLEAN NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    published_at BIGINT
);

CREATE TABLE holidays (
    day          TEXT PRIMARY KEY,          -- YYYY-MM-DD
    name         TEXT NOT NULL,
    yearly       BOOLEAN NOT NULL
);

CREATE TABLE automations (
    id            UUID PRIMARY KEY,
    number        INTEGER NOT NULL UNIQUE,  -- short handle: names need not be unique
    name          TEXT NOT NULL,
    description   TEXT NOT NULL,
    job           TEXT NOT NULL,            -- JSON: the job and its settings
    selection_id  UUID REFERENCES selections (id),
    owner_id      UUID NOT NULL REFERENCES people (id),
    editor_id     UUID NOT NULL,            -- who last shaped it
    schedule      TEXT,                     -- JSON; NULL until the second step is saved
    reminder_to   TEXT NOT NULL,            -- JSON array of at most ten person ids
    reminded_at   BIGINT,
    status        TEXT NOT NULL CHECK (status IN
                    ('inactive', 'active_scheduled', 'active_running', 'inactive_deactivated', 'inactive_done')),
    archived      BOOLEAN NOT NULL,
    activated_at  BIGINT,
    next_at       BIGINT,                   -- when the scheduler must look again
    handled_at    BIGINT,                   -- occurrences up to here are dealt with
    runs_count    INTEGER NOT NULL,
    errors_count  INTEGER NOT NULL,
    last_error    TEXT,
    last_error_at BIGINT,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE INDEX automations_next ON automations (next_at) WHERE next_at IS NOT NULL;

-- Each planned time of an automation, dealt with once and for all: the key is what no restart and
-- no second node can insert twice.
CREATE TABLE occurrences (
    automation_id UUID NOT NULL,
    occurrence    TEXT NOT NULL,            -- the stable key of domain::schedule
    planned_at    BIGINT NOT NULL,
    outcome       TEXT NOT NULL CHECK (outcome IN ('run', 'missed', 'skipped', 'failed')),
    detail        TEXT NOT NULL,
    run_id        UUID,
    recorded_at   BIGINT NOT NULL,
    PRIMARY KEY (automation_id, occurrence)
);
