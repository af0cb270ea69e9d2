CREATE UNIQUE INDEX service_case_position ON service_case (position);
CREATE INDEX service_case_receipt ON service_case (receipt_key);
CREATE INDEX service_case_award ON service_case (award_id, position) WHERE award_id IS NOT NULL;
CREATE INDEX service_case_stage ON service_case (stage, position);
CREATE INDEX service_case_due ON service_case (due_on, position) WHERE clock = 'running';
CREATE INDEX service_case_stopped ON service_case (clock, since, position) WHERE clock <> 'ended';
CREATE INDEX service_case_watch ON service_case (watch, position) WHERE watch IS NOT NULL;
CREATE INDEX sending_batch ON sending (batch_id, position);
