"""What is to be measured: the plan, its presets, the conditions that each of its cases fixes."""
