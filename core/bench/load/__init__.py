"""Making the load and timing it, in a process of its own."""
