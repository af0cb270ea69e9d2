CREATE UNIQUE INDEX item_position ON item (position);
CREATE INDEX holding_item ON holding (item_id);
CREATE INDEX holding_serial ON holding (series, width, last);
CREATE INDEX holding_office ON holding (office_key, item_id);
CREATE UNIQUE INDEX movement_position ON movement (position);
CREATE INDEX movement_range_movement ON movement_range (item_id, version);
CREATE INDEX movement_range_serial ON movement_range (series, width, last);
CREATE INDEX entry_day ON entry (item_id, booked_on);
