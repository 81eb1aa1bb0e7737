"""What a chat model is told."""
