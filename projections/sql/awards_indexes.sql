CREATE UNIQUE INDEX award_position ON award (position);
CREATE INDEX award_decision ON award (decision_id, position) WHERE decision_id IS NOT NULL;
CREATE INDEX award_identity ON award (identity, position) WHERE identity IS NOT NULL;
CREATE INDEX award_number ON award (number_key, position) WHERE number_key IS NOT NULL;
CREATE INDEX award_golden ON award (golden_key, position) WHERE golden_key IS NOT NULL;
CREATE INDEX award_form ON award (form, award_class, position);
CREATE INDEX award_date ON award (awarded_earliest);
CREATE INDEX award_taken_away ON award (standing, position) WHERE standing <> 'standing';
CREATE INDEX award_declined ON award (decision_id, identity) WHERE standing = 'declined';
