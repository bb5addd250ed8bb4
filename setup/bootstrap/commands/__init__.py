"""One module for each of the commands in ``setup/``."""
