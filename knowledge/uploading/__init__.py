"""An admin's upload: what differs, and how it reaches the library."""
