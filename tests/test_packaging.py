"""The addons as wheels, for a company that installs its addons with pip."""

import ast
import re
import shutil
import subprocess
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from bootstrap.project import ADDONS, OWN_ADDONS


@pytest.mark.parametrize("addon", OWN_ADDONS)
def test_wheel_holds_the_addon_and_names_what_it_needs(addon, databases, tmp_path):
    source = tmp_path / addon
    shutil.copytree(
        ADDONS / addon, source, ignore=shutil.ignore_patterns("__pycache__")
    )
    subprocess.run(
        [
            *(databases.host.python, "-m", "pip", "wheel", "-q", "--no-deps"),
            *("--no-build-isolation", "--no-index", "-w", tmp_path, source),
        ],
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        names = set(content.namelist())
        metadata = next(name for name in names if name.endswith("/METADATA"))
        needs = message_from_bytes(content.read(metadata)).get_all("Requires-Dist")
    manifest = ast.literal_eval((ADDONS / addon / "__manifest__.py").read_text())
    for file in ("__manifest__.py", *manifest["data"]):
        assert f"odoo/addons/{addon}/{file}" in names
    assert f"odoo/addons/{addon}/i18n/zh_CN.po" in names
    assert f"odoo/addons/{addon}/static/description/icon.png" in names
    assert any(need.startswith("odoo") and "19.0" in need for need in needs)
    own = {re.split("[ =<>;]", need)[0].replace("-", "_") for need in needs}
    for dependency in set(manifest["depends"]) & set(OWN_ADDONS):
        assert any(name.endswith(dependency) for name in own)


def test_no_file_names_a_package_registry():
    """Where packages come from is the machine's own configuration."""
    hosts = ("deb." + "debian", "pypi" + ".org", "python" + "hosted", "npm" + "js.org")
    root = Path(__file__).resolve().parents[1]
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True
    )
    named = [
        (file, host)
        for file in tracked.stdout.splitlines()
        for host in hosts
        if (root / file).is_file() and host.encode() in (root / file).read_bytes()
    ]
    assert named == []
