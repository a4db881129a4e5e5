"""The charts of the Tour: one a scene, made for a hall, with what was recorded and what is measured here."""
