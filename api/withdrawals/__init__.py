"""Taking back what was entered by mistake: awards, decisions, deliveries, whole imports."""
