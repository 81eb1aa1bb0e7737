"""Which side answers, and how that is calibrated."""
