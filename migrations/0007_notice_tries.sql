-- How many attempts were made before an operator asked for another round: the number of attempts is the fencing number
-- and only grows, so the tries of a round are counted from here.

ALTER TABLE notices ADD COLUMN tried_before INTEGER NOT NULL DEFAULT 0;
