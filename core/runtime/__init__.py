"""What everything else stands on: the event loop, logs, text on terminals, the machine's cores."""
