"""The words of mails, and of what became of them, by language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from signaling.domain.visit import Language

FOLDER = Path(__file__).parent / "locales"


def _read(language: Language) -> Mapping[str, str]:
    catalogue: Mapping[str, str] = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    return catalogue


_CATALOGUES = {language: _read(language) for language in Language}


def text(language: Language, key: str, **values: str) -> str:
    """The text of `key` with its placeholders filled. Raises KeyError for an unknown key or a value left out."""
    return _CATALOGUES[language][key].format_map(values)
