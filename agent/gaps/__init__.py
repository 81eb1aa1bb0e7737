"""What people ask and nobody has written down, and who might."""
