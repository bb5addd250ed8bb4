"""setup/odoo ARGS…: the host's own command line, with this project's addons."""

from .. import console, postgres
from ..host import get_host


def main(arguments):
    host = get_host()
    with postgres.running() as cluster:
        return console.run(host.command(*arguments), env=host.env(cluster))
