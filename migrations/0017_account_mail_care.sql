-- Account mails: which process has one in its hands, so that another takes it up when that one is gone, and what became
-- of one that came back.

ALTER TABLE account_mails ADD COLUMN node TEXT;           -- the process that has it; NULL: none has
ALTER TABLE account_mails ADD COLUMN bounced_at BIGINT;   -- when it came back
ALTER TABLE account_mails ADD COLUMN bounce TEXT;         -- the cause and the words of who returned it
CREATE INDEX account_mails_given_up ON account_mails (settled_at) WHERE outcome = 'given_up';
CREATE INDEX account_mails_bounced ON account_mails (bounced_at) WHERE bounced_at IS NOT NULL;
