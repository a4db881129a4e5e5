"""What a shared app needs beyond a local one: who visits, what may be used, who waits, what is cleared."""
