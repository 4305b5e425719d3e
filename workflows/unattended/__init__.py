"""What stands while nobody watches: versions, schedules, triggers, users, and the starts that they ask for."""
