CREATE INDEX recipient_norm ON recipient (norm, award_id, ordinal);
CREATE INDEX recipient_place ON recipient (place_key, sort_key, award_id, ordinal)
    WHERE place_key IS NOT NULL;
CREATE INDEX recipient_year_words ON recipient USING gin (year_words);
CREATE INDEX name_plain ON name (plain, norm);
CREATE INDEX name_shuffle ON name (shuffle, norm);
CREATE INDEX name_words ON name USING gin (words);
CREATE INDEX place_words ON place USING gin (words);
-- The planner must know at once which words are common.
ANALYZE recipient;
ANALYZE name;
ANALYZE place;
