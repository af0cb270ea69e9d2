CREATE INDEX signature_revoked ON signature (list, status_index) WHERE NOT in_force;
CREATE INDEX signature_award ON signature (award_id);
CREATE INDEX signature_list ON signature (list);
