"""Settings, limits, and what other processes get of the environment: whoever runs the app decides."""
