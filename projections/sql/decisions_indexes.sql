CREATE UNIQUE INDEX decision_position ON decision (position);
CREATE UNIQUE INDEX decision_identity ON decision (identity);
CREATE INDEX decision_number ON decision (number_key, position);
CREATE INDEX decision_date ON decision (decided_earliest);
CREATE INDEX resting_decision ON resting (decision_id, position);
