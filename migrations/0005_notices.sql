-- What notices were about, what became of them, and what the relay said.

ALTER TABLE notices ADD COLUMN automation_id UUID;
ALTER TABLE notices ADD COLUMN run_id UUID;
ALTER TABLE notices ADD COLUMN detail TEXT;         -- the relay's words, or why nobody was written to
ALTER TABLE notices ADD COLUMN settled_at BIGINT;
CREATE INDEX notices_automation ON notices (automation_id) WHERE automation_id IS NOT NULL;
CREATE INDEX notices_settled ON notices (settled_at) WHERE settled_at IS NOT NULL;
