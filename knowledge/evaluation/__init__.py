"""How well search finds, measured and shown."""
