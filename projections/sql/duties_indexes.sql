CREATE INDEX duty_due ON duty (due_key, award_id, ordinal);
CREATE INDEX duty_kind ON duty (kind, due_key);
