"""The wheel has all that the server needs, and runs from any folder."""

from __future__ import annotations

import http.client
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
Start = Callable[..., Any]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, as pip would lay it into site-packages."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    [wheel] = folder.glob("*.whl")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def test_every_file_of_the_packages_is_in_it(unpacked: Path) -> None:
    names = [
        str(file.relative_to(ROOT))
        for package in ("signaling", "media", "storage", "static")
        for file in (ROOT / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    ]
    assert len(names) > 100
    assert [name for name in names if not (unpacked / name).is_file()] == []


def test_it_has_the_command_and_the_licence(unpacked: Path) -> None:
    [info] = unpacked.glob("*.dist-info")
    assert "virtual-visits = signaling.__main__:main" in (info / "entry_points.txt").read_text()
    assert list(info.rglob("LICENSE"))


def test_the_demo_runs_from_it(unpacked: Path, start: Start, port: int, tmp_path: Path) -> None:
    demo = start("demo", "--port", str(port), "--folder", tmp_path / "demo", lines=10, PYTHONPATH=str(unpacked))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for path in ("/sign-in", "/static/css/base.css", "/static/js/protocol.js", "/static/locales/fr/staff.json", "/v"):
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        answer = connection.getresponse()
        assert answer.status == 200, path
        assert answer.read()
    connection.close()
    assert demo.stop() == 0
