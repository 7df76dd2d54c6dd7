"""Compute that runs as service accounts."""
