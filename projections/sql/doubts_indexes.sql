CREATE INDEX doubt_oldest ON doubt (position, award_id, ordinal);
CREATE INDEX doubt_code ON doubt (code, position, award_id, ordinal);
