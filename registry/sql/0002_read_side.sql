-- The read side: the projector keeps schemas of its own in this database, and the reader reads
-- them (the projector grants that itself).
DO $$
BEGIN
    EXECUTE format('GRANT CREATE ON DATABASE %I TO sovang_projector', current_database());
END $$;
