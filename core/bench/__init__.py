"""The benchmark: a plan is run in a process of its own and leaves a record."""
