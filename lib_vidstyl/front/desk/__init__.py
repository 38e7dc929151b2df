"""What a page and a program need between a clip and a film: clips known by id, jobs in a queue, what they have made."""
