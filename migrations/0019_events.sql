-- Events: what has happened, what automations made of it, and whom they have mailed.

-- Of a built-in event only what is heard is written: one whose type an automation listens to that is not archived.
CREATE TABLE events (
    number         INTEGER PRIMARY KEY,     -- the order of arrival
    source         TEXT NOT NULL,           -- CloudEvents; of built-in events '/passpost'
    event_id       TEXT,                    -- CloudEvents; NULL: built in
    type           TEXT NOT NULL,
    subject        TEXT,                    -- CloudEvents
    claimed_at     BIGINT,                  -- when the sender says it happened; nothing is counted from it
    received_at    BIGINT NOT NULL,         -- by our clock: delays count from here
    contact        TEXT,                    -- as the sender named the contact
    contact_id     UUID,                    -- no foreign keys: what has happened stays, people may go
    system_user    TEXT,                    -- as the sender named the system user
    system_user_id UUID,
    actor_id       UUID,                    -- the system user who caused it
    group_id       UUID,
    run_id         UUID,
    automation_id  UUID,
    chain          TEXT NOT NULL,           -- ids of the automations that led here, with spaces between
    extensions     TEXT NOT NULL,           -- JSON object: CloudEvents extension attributes
    data           TEXT NOT NULL,           -- JSON
    routed_at      BIGINT                   -- when automations were asked
);
{postgres:CREATE SEQUENCE events_number OWNED BY events.number;}
{postgres:ALTER TABLE events ALTER COLUMN number SET DEFAULT nextval('events_number');}
CREATE UNIQUE INDEX events_source ON events (source, event_id);
CREATE INDEX events_new ON events (number) WHERE routed_at IS NULL;
CREATE INDEX events_type ON events (type, number);
CREATE INDEX events_contact ON events (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX events_system_user ON events (system_user_id) WHERE system_user_id IS NOT NULL;

-- What an event means for an automation that listens to it: a job that waits or was done, or why there is none.
CREATE TABLE event_jobs (
    event          BIGINT NOT NULL,         -- its number
    automation_id  UUID NOT NULL,
    person_id      UUID,                    -- whom it is done to; NULL: nobody
    state          TEXT NOT NULL CHECK (state = 'waiting' OR state = 'executed' OR state = 'not_acted_on' OR state = 'cancelled'),
    reason         TEXT,                    -- not_acted_on, cancelled: why
    detail         TEXT,                    -- more of it, for people to read
    due_at         BIGINT,                  -- waiting: when
    run_id         UUID,                    -- executed: the run it became, with what others became at the same moment
    settled_at     BIGINT,
    PRIMARY KEY (event, automation_id)
) CLUSTERED;
CREATE INDEX event_jobs_due ON event_jobs (automation_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX event_jobs_run ON event_jobs (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX event_jobs_person ON event_jobs (person_id) WHERE person_id IS NOT NULL;

-- The last mail with a credential that an event led to, for each person: one row is what two nodes meet at.
CREATE TABLE automated_mails (
    person_id      UUID PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    recipient_id   BIGINT NOT NULL,
    at             BIGINT NOT NULL
) CLUSTERED;

ALTER TABLE automations ADD COLUMN kind TEXT NOT NULL DEFAULT 'time';   -- 'time' or 'event'
ALTER TABLE automations ADD COLUMN event TEXT;          -- JSON: domain::event::EventStep
ALTER TABLE automations ADD COLUMN event_type TEXT;     -- of it, to be found by
ALTER TABLE automations ADD COLUMN target TEXT;         -- JSON: whom the job is done to; NULL until the second step is saved
ALTER TABLE automations ADD COLUMN delay TEXT;          -- JSON; NULL: none
ALTER TABLE automations ADD COLUMN frame TEXT;          -- JSON: the time frame; NULL until the third step is saved
ALTER TABLE automations ADD COLUMN confirmed TEXT NOT NULL DEFAULT '[]'; -- JSON: unusual things somebody confirmed, by code
CREATE INDEX automations_event ON automations (event_type) WHERE event_type IS NOT NULL;
