"""Gets an Odoo 19 host onto this machine and runs, tests or serves the addons on it.

Standard library only: it runs before anything is installed.
"""
