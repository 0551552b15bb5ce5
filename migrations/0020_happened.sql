-- What built-in events need to be written once.

-- The last event of a key's use: there is one an hour at most.
ALTER TABLE api_keys ADD COLUMN announced_at BIGINT;

-- From this moment on a mailed password counts as expiring: three quarters of its life are over.
CREATE INDEX credentials_expiring ON credentials ((expires_at - (expires_at - minted_at) / 4));
