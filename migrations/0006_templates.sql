-- The words of a run, and its approval by a second operator.

-- JSON array of person ids: everyone whose words stand in it. NULL: editor_id alone.
ALTER TABLE templates ADD COLUMN editors TEXT;

-- The operators' templates as they were when runs began: a run keeps its words. Each text once, whatever
-- the number of runs; the words that come with the program are not here.
CREATE TABLE frozen_templates (
    digest      TEXT PRIMARY KEY,           -- of all the columns below but the last
    kind        TEXT NOT NULL,
    language    TEXT NOT NULL,
    subject     TEXT NOT NULL,
    text        TEXT NOT NULL,
    html        TEXT NOT NULL,
    frozen_at   BIGINT NOT NULL
);

-- JSON array of digests; NULL: it began before templates were frozen.
ALTER TABLE runs ADD COLUMN templates TEXT;
-- Whose approval it needed; NULL: it needed none.
ALTER TABLE runs ADD COLUMN approved_by UUID;

-- One an automation, good for exactly what has this digest.
CREATE TABLE approvals (
    automation_id UUID PRIMARY KEY REFERENCES automations (id) ON DELETE CASCADE,
    digest        TEXT NOT NULL,
    approver_id   UUID NOT NULL,
    would_receive INTEGER NOT NULL,         -- people, at the time; for people to read
    approved_at   BIGINT NOT NULL
);
