"""pytest plugin: lets the host's own ``test_lint`` look at our addons alone."""

import os

import pytest


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    # Only there once the host's configuration is read, which pytest-odoo does first.
    from odoo.modules.module import Manifest  # noqa: PLC0415

    ours = os.environ["LINTED_ADDONS"].split(",")
    every = Manifest.all_addon_manifests

    def all_addon_manifests():
        return [manifest for manifest in every() if manifest.name in ours]

    Manifest.all_addon_manifests = staticmethod(all_addon_manifests)
