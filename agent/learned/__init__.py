"""What the team has learned to do: the domain model and its registry."""
