"""pytest plugin: gives every worker of pytest-xdist files of its own.

pytest-odoo gives each a copy of the database, but one store of files to all, and the
host deletes after each class the files that its own database does not know: another
worker's style sheets, for one.
"""

import os
import shutil
from pathlib import Path


def pytest_sessionstart():
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker:
        return
    # Only there once the host's configuration is read, which pytest-odoo does first.
    from odoo.tests.common import get_db_name  # noqa: PLC0415
    from odoo.tools import config  # noqa: PLC0415

    shared = Path(config["data_dir"])
    own = shared / "workers" / worker
    shutil.rmtree(own, ignore_errors=True)
    store = Path("filestore") / get_db_name()
    if (shared / store).is_dir():
        shutil.copytree(shared / store, own / store)
    config["data_dir"] = str(own)
