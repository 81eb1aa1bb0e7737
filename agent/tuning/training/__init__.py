"""Trainers: what turns a dataset into a domain model, one backend a file."""
