"""Reads the settings from the file and the environment over it, and reports every mistake at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from signaling.domain.values import BadValue
from signaling.settings import values
from signaling.settings.rules import RULES
from signaling.settings.table import PREFIX, REQUIRED, TABLE, Setting, Settings
from signaling.settings.values import LIST

CONFIG_VARIABLE = f"{PREFIX}CONFIG"
_FAULTY: Final[Any] = object()
_BY_PLACE = {setting.place: setting for setting in TABLE}
_BY_FIELD = {setting.field: setting for setting in TABLE}
_BY_VARIABLE = {setting.variable: setting for setting in TABLE}
_SECTIONS = frozenset(setting.section for setting in TABLE)


class ConfigurationError(Exception):
    """The configuration has mistakes: `mistakes` holds one line for each. None quotes a value."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def load(config: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings of the file with the environment over it. Raises ConfigurationError with every mistake."""
    mistakes: list[str] = []
    given = _from_file(config, mistakes) | _from_environment(environ, mistakes)
    found: dict[str, Any] = {}
    for setting in TABLE:
        raw = given.get(setting.field, setting.default)
        if setting.field not in given and raw is REQUIRED:
            mistakes.append(setting.mistake(f"is missing: {setting.sentence}"))
        elif raw is not _FAULTY:
            try:
                found[setting.field] = None if raw is None else setting.check(raw)
            except BadValue as why:
                mistakes.append(setting.mistake(f"{why}."))
    for rule in RULES:
        try:
            mistakes += [_BY_FIELD[name].mistake(why) for name, why in rule(found)]
        except KeyError:  # A value that the rule needs is a mistake of its own.
            continue
    if mistakes:
        raise ConfigurationError(mistakes)
    return Settings(**found)


def _from_file(config: Path | None, mistakes: list[str]) -> dict[str, Any]:
    if config is None:
        return {}
    try:
        tables = tomllib.loads(config.read_bytes().decode())
    except OSError as error:
        mistakes.append(f"{config} can't be read: {error.strerror}.")
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        where = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "not UTF-8"
        mistakes.append(f"{config} is not TOML: {where}.")
        return {}
    given: dict[str, Any] = {}
    for section, table in tables.items():
        if section not in _SECTIONS or not isinstance(table, dict):
            mistakes.append(f"{section} is not a section: there are {', '.join(sorted(_SECTIONS))}.")
            continue
        for key, raw in table.items():
            setting = _BY_PLACE.get(f"{section}.{key}")
            if setting is None:
                mistakes.append(f"{section}.{key} is not a setting: see virtual-visits settings.")
            else:
                given[setting.field] = _typed(setting, raw, config.parent, mistakes)
    return given


def _typed(setting: Setting, raw: Any, folder: Path, mistakes: list[str]) -> Any:
    """The value, if it has the TOML type of its kind. A relative path begins at the file's own folder."""
    of_type = type(raw) is setting.kind.type
    if isinstance(raw, list):
        of_type = setting.kind is LIST and all(isinstance(item, str) for item in raw)
    if not of_type:
        mistakes.append(setting.mistake(f"must be a {setting.kind.name}."))
        return _FAULTY
    if setting.check in {values.path, values.optional_path} and raw.strip():
        return str(folder.absolute() / Path(raw).expanduser())
    return raw


def _from_environment(environ: Mapping[str, str], mistakes: list[str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, text in sorted(environ.items()):
        if not name.startswith(PREFIX) or name == CONFIG_VARIABLE:
            continue
        setting = _BY_VARIABLE.get(name)
        if setting is None:
            mistakes.append(f"{name} is not a setting: see virtual-visits settings.")
            continue
        try:
            given[setting.field] = setting.kind.read(text)
        except BadValue as why:
            mistakes.append(setting.mistake(f"{why}."))
            given[setting.field] = _FAULTY
    return given
