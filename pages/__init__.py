"""The pages of the app; each composes what core computes."""
