"""Looking at pairs: each kind of fault found by a file of its own, nothing changed."""
