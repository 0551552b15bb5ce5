-- What the console asks for again and again: deliveries by hour, occurrences that did not run, the audit log by who,
-- what, whom and when.

-- Kept beside the deliveries, so that a chart of a month costs a few rows and not a million.
CREATE TABLE delivery_hours (
    hour_at    BIGINT NOT NULL,             -- when the hour began
    run_number INTEGER NOT NULL,            -- so that two runs never wait for each other's row
    accepted   INTEGER NOT NULL,
    failed     INTEGER NOT NULL,            -- refused for good, or the answer lost for good
    PRIMARY KEY (hour_at, run_number)
) CLUSTERED;

INSERT INTO delivery_hours (hour_at, run_number, accepted, failed)
SELECT recorded_at - recorded_at % 3600000, recipient_id / 4294967296,
       CAST(SUM(CASE WHEN outcome = 'refused' THEN 0 ELSE 1 END) AS BIGINT),
       CAST(SUM(CASE WHEN outcome = 'refused' THEN 1 ELSE 0 END) AS BIGINT)
FROM deliveries WHERE outcome = 'accepted' OR outcome = 'bounced' OR outcome = 'refused'
GROUP BY recorded_at - recorded_at % 3600000, recipient_id / 4294967296;

CREATE INDEX occurrences_not_run ON occurrences (recorded_at) WHERE outcome <> 'run';

CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_actor ON audit (actor_id, number);
CREATE INDEX audit_action ON audit (action, number);
