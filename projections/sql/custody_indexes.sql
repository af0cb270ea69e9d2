CREATE INDEX held_award ON held (award_id);
CREATE UNIQUE INDEX held_longest ON held (taken_latest, position);
CREATE INDEX held_due ON held (due_latest) WHERE superseded_by IS NULL;
