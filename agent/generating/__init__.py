"""What a chat model writes about the documents."""
