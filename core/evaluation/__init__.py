"""How well search finds what questions with known answers ask for."""
