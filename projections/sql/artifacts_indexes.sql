CREATE UNIQUE INDEX artifact_position ON artifact (position);
CREATE INDEX artifact_award ON artifact (award_id, position);
CREATE INDEX artifact_stage ON artifact (stage, component, position);
CREATE INDEX artifact_superseded ON artifact (succession, position) WHERE succession IS NOT NULL;
