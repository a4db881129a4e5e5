"""The Tour: eight scenes that tell what async is worth, each with one sentence, one chart and notes."""
