"""What the samples of a run say: intervals, speed-ups, what held it up, and whether the work was the same."""
