"""Shared by the tests that span addons or need a running server."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "setup"))


@pytest.fixture(scope="session")
def databases():
    """The databases of the server that setup/test started or was told of."""
    from bootstrap.databases import Databases  # noqa: PLC0415 (needs the path above)
    from bootstrap.host import get_host  # noqa: PLC0415
    from bootstrap.postgres import Cluster  # noqa: PLC0415

    return Databases(get_host(for_tests=True), Cluster())


@pytest.fixture(scope="module")
def scratch(databases):
    """Names of databases that are dropped when the tests of the file are over."""
    names = []

    def name(purpose):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        names.append(f"test-{purpose}-{worker}-{os.getpid()}")
        return names[-1]

    yield name
    for database in names:
        databases.drop(database)
