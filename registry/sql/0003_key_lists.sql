-- Key lists are facts of the log, found among all others by this index. What was published before
-- they were stays in log.key_lists, to which nobody adds any more.
SET ROLE sovang_owner;

CREATE INDEX facts_key_lists ON log.facts (notification_id)
    WHERE topic = 'key-list-published.v1';
REVOKE INSERT ON log.key_lists FROM sovang_writer;
RESET ROLE;
