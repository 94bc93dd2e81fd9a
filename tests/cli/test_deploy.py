"""The files in deploy/: the settings load, and the proxies keep links out of their logs."""

from __future__ import annotations

import re
import secrets
from configparser import ConfigParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from signaling.settings import ConfigurationError, load
from signaling.settings.table import TABLE

DEPLOY = Path(__file__).parents[2] / "deploy"


def test_the_example_is_refused_as_it_is() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(DEPLOY / "visits.toml", {})
    assert {line.partition(" ")[0] for line in caught.value.mistakes} >= {"links.key", "ice.turn_secrets"}


def test_the_example_loads_once_its_secrets_are_filled_in(tmp_path: Path) -> None:
    text = (DEPLOY / "visits.toml").read_text()
    text, count = re.subn("change-me", lambda _: secrets.token_urlsafe(48), text)
    assert count == 3
    file = tmp_path / "visits.toml"
    file.write_text(text.replace("/var/lib/virtual-visits", str(tmp_path)))
    assert load(file, {}).secure


def test_the_example_shows_every_setting_with_its_true_default() -> None:
    text = (DEPLOY / "visits.toml").read_text()
    section = ""
    shown: dict[str, list[str]] = {}
    for line in text.splitlines():
        if header := re.fullmatch(r"(?:# )?\[(\w+)\]", line):
            section = header[1]
        elif item := re.fullmatch(r"(# )?(\w+) = (.*)", line):
            shown.setdefault(f"{section}.{item[2]}", []).append(item[3])
    assert shown.keys() == {setting.place for setting in TABLE}
    for setting in TABLE:
        if isinstance(setting.default, bool | int | str):
            default = f'"{setting.default}"' if isinstance(setting.default, str) else str(setting.default).lower()
            assert default in shown[setting.place], setting.place


def test_nginx_logs_no_link() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    [pattern] = re.findall(r'"~\*(\S+)"\s+0;', text)
    for path in ("/v", "/v%23TOKEN", "/V%23TOKEN", "/%76%23TOKEN"):
        assert re.search(pattern, unquote(path), re.IGNORECASE), path
    for path in ("/", "/sign-in", "/api/v1/agency", "/static/js/protocol.js"):
        assert not re.search(pattern, path, re.IGNORECASE), path
    for line in re.findall(r"^\s*access_log\s+(.*);", text, re.MULTILINE):
        assert line == "off" or line.endswith("if=$virtual_visits_logged"), line
    [fields] = re.findall(r"log_format \S+ '(.*)'", text)
    assert not re.search(r"\$(request|request_uri|args|http_\w+|remote_\w+|cookie\w*)\b", fields)
    assert set(re.findall(r"error_log\s+\S+\s+(\w+);", text)) == {"crit"}


def test_caddy_logs_no_link() -> None:
    text = (DEPLOY / "Caddyfile").read_text()
    assert re.search(r"@invite path /v\*\s+log_skip @invite", text)
    assert re.search(r"exclude .*http\.log\.error", text)
    assert "request>headers delete" in text
    assert text.count("{") == text.count("}")


def test_the_unit_starts_what_there_is() -> None:
    unit = ConfigParser(interpolation=None, strict=False, comment_prefixes="#")
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / "virtual-visits.service")
    assert unit["Service"]["ExecStart"].split()[1:] == ["serve", "--config", "/etc/virtual-visits/visits.toml"]
    database = next(line for line in (DEPLOY / "visits.toml").read_text().splitlines() if line.startswith("database"))
    assert f"/var/lib/{unit['Service']['StateDirectory']}/" in database
