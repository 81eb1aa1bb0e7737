"""What the owners of documents should look at."""
