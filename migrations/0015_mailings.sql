-- Mailings: what an operator writes, to whom, from when; and what people have done about it.

CREATE TABLE mailings (
    id             UUID PRIMARY KEY,
    number         INTEGER NOT NULL UNIQUE, -- short handle: names need not be unique
    folder         TEXT NOT NULL,           -- '': none
    name           TEXT NOT NULL,
    intent         TEXT NOT NULL CHECK (intent IN ('offer_link', 'personal_link', 'force_password')),
    words          TEXT NOT NULL,           -- JSON: domain::mailing::Words
    html           TEXT NOT NULL,           -- the HTML part its source became when it was saved; '': none
    link_hours     INTEGER NOT NULL,
    password       TEXT NOT NULL,           -- JSON: the settings of a forced password
    pace           TEXT NOT NULL,           -- JSON: domain::pace::Pace
    selection_id   UUID REFERENCES selections (id),
    settled        TEXT NOT NULL CHECK (settled IN ('when_armed', 'at_start')),
    late_until_at  BIGINT,                  -- who is found after the start is mailed too, until then
    reminder_of    UUID,                    -- the mailing whose people it reminds
    reminder       TEXT,                    -- JSON: domain::mailing::Reminder
    start          TEXT,                    -- local date and time; NULL: none is saved
    time_zone      TEXT NOT NULL,           -- IANA, of the start
    starts_at      BIGINT,                  -- the same as an instant
    state          TEXT NOT NULL CHECK (state IN ('draft', 'armed', 'started', 'cancelled', 'failed')),
    cause          TEXT,                    -- why it failed, for people to read
    next_at        BIGINT,                  -- when the scheduler must look again
    owner_id       UUID NOT NULL REFERENCES people (id),
    editors        TEXT NOT NULL,           -- JSON array of person ids: everyone who shaped it
    approved_by    UUID,                    -- a second operator, for exactly what has this digest
    approved_digest TEXT,
    approved_at    BIGINT,
    archived       BOOLEAN NOT NULL,
    keep_days      INTEGER,                 -- after its end its people are forgotten, counts kept; NULL: never
    forgotten_at   BIGINT,                  -- when they were
    kept           TEXT,                    -- JSON: its funnel at that moment
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    armed_at       BIGINT,
    armed_by       UUID,                    -- who saved the start time: whose rights its run has
    started_at     BIGINT
);
CREATE INDEX mailings_next ON mailings (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX mailings_reminder ON mailings (reminder_of) WHERE reminder_of IS NOT NULL;

-- Groups whose members it goes to.
CREATE TABLE mailing_groups (
    mailing_id     UUID NOT NULL REFERENCES mailings (id) ON DELETE CASCADE,
    group_id       UUID NOT NULL REFERENCES "groups" (id) ON DELETE CASCADE,
    PRIMARY KEY (mailing_id, group_id)
) CLUSTERED;

-- People it goes to by name, and those its selection and groups found when it was armed.
CREATE TABLE mailing_people (
    mailing_id     UUID NOT NULL REFERENCES mailings (id) ON DELETE CASCADE,
    person_id      UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    is_found       BOOLEAN NOT NULL,        -- found when it was armed, not chosen by name
    PRIMARY KEY (mailing_id, person_id)
) CLUSTERED;
CREATE INDEX mailing_people_person ON mailing_people (person_id);

-- What people did, in the order it happened. No foreign key to people: a person can be erased, the counts cannot.
-- mailing_id is the first of a family: what somebody did after a reminder counts for the mailing it reminds of.
CREATE TABLE mailing_events (
    id             UUID PRIMARY KEY,        -- UUIDv7
    mailing_id     UUID NOT NULL,
    person_id      UUID NOT NULL,
    recipient_id   BIGINT NOT NULL,         -- the mail it followed
    step           TEXT NOT NULL CHECK (step IN
                     ('opened', 'opened_by_machine', 'requested', 'link_sent', 'password_set', 'logged_in')),
    at             BIGINT NOT NULL
);
CREATE INDEX mailing_events_funnel ON mailing_events (mailing_id, step, person_id);
CREATE INDEX mailing_events_person ON mailing_events (person_id, at);

-- Throw-away accounts with which operators try a mailing out; each is erased after a day.
CREATE TABLE mailing_tests (
    person_id      UUID PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    mailing_id     UUID NOT NULL,
    over_at        BIGINT NOT NULL
);

ALTER TABLE runs ADD COLUMN mailing_id UUID;
CREATE INDEX runs_mailing ON runs (mailing_id) WHERE mailing_id IS NOT NULL;
-- So that asking for a link learns at no cost whether a mailing is recent.
CREATE INDEX runs_start_time ON runs (finished_at) WHERE trigger = 'start_time';
-- JSON: domain::pace::Standing; NULL: it goes as fast as it can.
ALTER TABLE runs ADD COLUMN pace TEXT;

-- A personal link that went out with a run's mail: mail_id is then that mail's own id.
ALTER TABLE reset_links ADD COLUMN recipient_id BIGINT;
CREATE INDEX reset_links_recipient ON reset_links (recipient_id) WHERE recipient_id IS NOT NULL;

INSERT INTO counters (name, value) VALUES ('mailing', 0);
