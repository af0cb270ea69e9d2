CREATE INDEX holder_award ON holder (award_id);
CREATE INDEX holder_kind ON holder (kind, position);
CREATE UNIQUE INDEX holder_position ON holder (position, serial_key);
