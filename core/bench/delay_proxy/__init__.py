"""A distance that is simulated: a proxy that holds back what passes between two ends."""
