"""Search: both legs, their statements, their blend."""
