"""The question set: which questions each chunk answers."""
