"""A run as something to keep or send: a report of one file, a table, a script that repeats it."""
