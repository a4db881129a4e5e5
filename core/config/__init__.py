"""What who runs the app decides: settings, limits, and what of the environment others get."""
