"""The generated files are current, and the check would find one that is not."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from signaling.errors import Code
from signaling.protocol import export
from signaling.protocol.messages import COMMANDS, FACTS


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the generated files."""
    for path in (export.DOCUMENT, export.MODULE):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(export.ROOT / path, tmp_path / path)
    return tmp_path


def test_the_generated_files_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert export.main(["--check"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("path", [export.DOCUMENT, export.MODULE])
def test_a_stale_file_is_named_and_mended(copy: Path, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (copy / path).read_text("utf-8")
    (copy / path).write_text(text.replace("renegotiate", "negotiate_again"), "utf-8")
    changed = (copy / path).read_text("utf-8")
    assert export.main(["--check"], copy) == 1
    assert capsys.readouterr().out.splitlines() == [f"{path} is not current: run `make protocol`"]
    assert (copy / path).read_text("utf-8") == changed
    assert export.main([], copy) == 0
    assert export.main(["--check"], copy) == 0


def test_a_missing_module_is_stale(copy: Path) -> None:
    (copy / export.MODULE).unlink()
    assert export.main(["--check"], copy) == 1
    assert export.main([], copy) == 0
    assert (copy / export.MODULE).read_text("utf-8") == (export.ROOT / export.MODULE).read_text("utf-8")


def test_a_table_without_a_place_is_noticed() -> None:
    text = (export.ROOT / export.DOCUMENT).read_text("utf-8")
    with pytest.raises(ValueError, match="one place for each"):
        export.document(text.replace("<!-- generated: errors -->", ""))


def test_unknown_arguments() -> None:
    assert export.main(["--fix"]) == 2


def test_everything_is_in_both_files() -> None:
    for path in (export.DOCUMENT, export.MODULE):
        words = set(re.findall(r"\w+", (export.ROOT / path).read_text("utf-8")))
        assert {*COMMANDS, *FACTS, *Code, "signal"} <= words


def test_links_in_the_document_lead_somewhere() -> None:
    text = (export.ROOT / export.DOCUMENT).read_text("utf-8")
    headings = {heading.lower() for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings
