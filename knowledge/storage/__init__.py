"""The library: documents, chunks, vectors and postings, written whole."""
