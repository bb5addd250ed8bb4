"""Loads the sample company: CSV files imported and a story replayed in order of time."""
