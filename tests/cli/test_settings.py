"""Settings: every mistake is named at once, and secrets stay secret."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from signaling.settings import REQUIRED, TABLE, ConfigurationError, Settings, demo_settings, load

Command = Callable[..., "subprocess.CompletedProcess[str]"]
Certify = Callable[[Path, Path], None]
KEY = "pX7d0v9wq3Lk2mNz8bTfRyUcVjHgSeA1oI5x"


def mistakes(config: Path | None, **environ: str) -> list[str]:
    """What `load` finds wrong, with VIRTUAL_VISITS_… given by their ends."""
    with pytest.raises(ConfigurationError) as caught:
        load(config, {f"VIRTUAL_VISITS_{name}": text for name, text in environ.items()})
    return caught.value.mistakes


def loaded(config: Path | None, **environ: str) -> Settings:
    return load(config, {f"VIRTUAL_VISITS_{name}": text for name, text in environ.items()})


def test_a_valid_file_gives_the_defaults(config: Path) -> None:
    settings = loaded(config)
    assert settings.port == 8080
    assert settings.opens_before == timedelta(hours=1)
    assert settings.smtp_security == "starttls"
    assert settings.database == config.parent / "visits.sqlite3"
    assert not settings.secure
    assert not settings.demo


def test_the_environment_goes_over_the_file(config: Path) -> None:
    settings = loaded(
        config,
        SERVER_PORT="9000",
        LINKS_OPENS_BEFORE="90m",
        ICE_TURN_URLS="turn:a.example:3478, turns:a.example:443?transport=tcp",
        ICE_TURN_SECRETS="k2v9sd8f7h3m1q0w4e6r",
        ICE_RELAY_ONLY="yes",
        SERVER_PUBLIC_URL="https://Visits.Example.org:443/",
        SERVER_TRUSTED_PROXIES="10.0.0.0/8, ::1",
        CONFIG="somewhere.toml",
    )
    assert settings.port == 9000
    assert settings.opens_before == timedelta(minutes=90)
    assert settings.turn_urls == ("turn:a.example:3478", "turns:a.example:443?transport=tcp")
    assert settings.relay_only
    assert settings.public_url == "https://visits.example.org"
    assert settings.secure
    assert [str(proxy) for proxy in settings.trusted_proxies] == ["10.0.0.0/8", "::1/128"]


def test_everything_that_is_missing_is_named_at_once() -> None:
    found = mistakes(None)
    required = [setting for setting in TABLE if setting.default is REQUIRED]
    assert len(found) == len(required)
    for setting, line in zip(required, found, strict=True):
        assert line.startswith(f"{setting.place} ({setting.variable}) is missing: ")
        assert "\n" not in line


def test_every_setting_refuses_nonsense(config: Path) -> None:
    """Each setting by itself, with a value that cannot be right for any kind."""
    for setting in TABLE:
        [line, *_] = mistakes(config, **{setting.variable.removeprefix("VIRTUAL_VISITS_"): "\u0000 nonsense"})
        assert line.startswith(f"{setting.place} ({setting.variable}) "), line
        assert "nonsense" not in line, "a value is never quoted: it may be a secret"


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("[agency]\nnmae = 'x'", "agency.nmae is not a setting"),
        ("[agncy]\nname = 'x'", "agncy is not a section"),
        ("agency = 1", "agency is not a section"),
        ("[server]\nport = '8080'", "server.port (VIRTUAL_VISITS_SERVER_PORT) must be a whole number"),
        ("[server]\nport = true", "server.port (VIRTUAL_VISITS_SERVER_PORT) must be a whole number"),
        ("[ice]\nstun_urls = [1]", "ice.stun_urls (VIRTUAL_VISITS_ICE_STUN_URLS) must be a list"),
        ("[ice]\nrelay_only = 'no'", "ice.relay_only (VIRTUAL_VISITS_ICE_RELAY_ONLY) must be a true or false"),
        ("[links]\nopens_before = 60", "links.opens_before (VIRTUAL_VISITS_LINKS_OPENS_BEFORE) must be a duration"),
        ("[links", "is not TOML"),
    ],
)
def test_mistakes_of_the_file(tmp_path: Path, toml: str, expected: str) -> None:
    file = tmp_path / "visits.toml"
    file.write_text(toml)
    assert any(expected in line for line in mistakes(file))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert any("can't be read: No such file or directory" in line for line in mistakes(tmp_path / "none.toml"))


@pytest.mark.parametrize(
    ("environ", "place", "reason"),
    [
        ({"LINKS_KEY": "change-me"}, "links.key", "is the value of an example"),
        ({"LINKS_KEY": "Changeme" * 8}, "links.key", "is the value of an example"),
        ({"LINKS_KEY": "k7"}, "links.key", "must be random, at least 32 characters"),
        ({"LINKS_KEY": "a" * 64}, "links.key", "must be random"),
        ({"MAIL_HOST": ""}, "mail.host", "must not be empty"),
        ({"SERVER_PUBLIC_URL": "http://visits.example.org"}, "server.public_url", "must begin with https://"),
        ({"SERVER_PUBLIC_URL": "http://192.168.1.5"}, "server.public_url", "must begin with https://"),
        ({"SERVER_PUBLIC_URL": "https://visits.example.org"}, "server.certificate", "is missing"),
        ({"SERVER_PUBLIC_URL": "https://visits.example.org/x"}, "server.public_url", "without a path"),
        ({"SERVER_PUBLIC_URL": "ftp://visits.example.org"}, "server.public_url", "without a path"),
        ({"SERVER_HOST": "0.0.0.0"}, "server.host", "must be a loopback address"),
        ({"SERVER_TRUSTED_PROXIES": "10.0.0.0/33"}, "server.trusted_proxies", "must be addresses or networks"),
        ({"SERVER_TRUSTED_PROXIES": "10.0.0.0/8"}, "server.public_url", "must begin with https://"),
        ({"SERVER_CERTIFICATE": "none.pem"}, "server.certificate", "names a file that can't be read"),
        ({"SERVER_KEY": "none.pem"}, "server.certificate", "is missing: certificate and key go together"),
        ({"AGENCY_TIME_ZONE": "Europe/Atlantis"}, "agency.time_zone", "must be a known IANA time zone"),
        ({"AGENCY_REPLY_TO": "a@b@c"}, "agency.reply_to", "must be one email address"),
        ({"AGENCY_NAME": "=?utf-8?q?x?="}, "agency.name", "must not contain =?"),
        ({"STORAGE_DATABASE": "/no/such/folder/x"}, "storage.database", "in a folder that exists"),
        ({"MAIL_USERNAME": "u"}, "mail.password", "is missing"),
        ({"MAIL_USERNAME": "u", "MAIL_PASSWORD": "p", "MAIL_SECURITY": "none"}, "mail.security", "sent in clear"),
        ({"ICE_TURN_URLS": "turn:a.example"}, "ice.turn_secrets", "is missing"),
        ({"ICE_RELAY_ONLY": "true"}, "ice.turn_urls", "is missing"),
        ({"SIGN_IN_IDLE": "1s"}, "sign_in.idle", "must be between 5m and 1d"),
        ({"SERVER_PORT": "0"}, "server.port", "must be a port"),
    ],
)
def test_each_mistake_is_one_line_that_names_the_setting(
    config: Path, environ: dict[str, str], place: str, reason: str
) -> None:
    found = mistakes(config, **environ)
    assert any(line.startswith(f"{place} (VIRTUAL_VISITS_") and reason in line for line in found), found


def test_an_unknown_variable_is_a_mistake(config: Path) -> None:
    assert mistakes(config, SERVER_PROT="1") == [
        "VIRTUAL_VISITS_SERVER_PROT is not a setting: see virtual-visits settings."
    ]


def test_certificate_and_key_must_belong_together(config: Path, tmp_path: Path, certify: Certify) -> None:
    for name in ("a", "b"):
        certify(tmp_path / f"{name}.pem", tmp_path / f"{name}.key")
    url = {"SERVER_PUBLIC_URL": "https://visits.example.org", "SERVER_CERTIFICATE": str(tmp_path / "a.pem")}
    assert loaded(config, **url, SERVER_KEY=str(tmp_path / "a.key")).certificate == tmp_path / "a.pem"
    [line] = mistakes(config, **url, SERVER_KEY=str(tmp_path / "b.key"))
    assert "belong together" in line


def test_no_secret_in_the_repr(config: Path, tmp_path: Path) -> None:
    settings = loaded(config, MAIL_USERNAME="u", MAIL_PASSWORD="s3cret-of-mail", ICE_TURN_SECRETS="k2v9sd8f7h3m1q0w4")
    assert KEY.encode() == settings.link_key
    for secret in (KEY, "s3cret-of-mail", "k2v9sd8f7h3m1q0w4"):
        assert secret not in repr(settings)
    demo = demo_settings(tmp_path / "demo", 8080)
    assert demo.link_key.decode() not in repr(demo)


def test_the_demo_keeps_its_link_key(tmp_path: Path) -> None:
    first, second = (demo_settings(tmp_path / "demo", 8080) for _ in range(2))
    assert first.link_key == second.link_key
    assert (tmp_path / "demo" / "link.key").stat().st_mode & 0o777 == 0o600


def test_the_command_prints_every_setting(command: Command) -> None:
    done = command("settings")
    assert done.returncode == 0
    for setting in TABLE:
        assert f"{setting.place}  ({setting.variable})" in done.stdout
        assert setting.sentence in done.stdout
    assert re.search(r"server\.port.*\n.*\n.*Default: 8080", done.stdout)


def test_the_command_lists_all_mistakes(command: Command, config: Path) -> None:
    done = command("serve", "--config", config, VIRTUAL_VISITS_LINKS_KEY="change-me", VIRTUAL_VISITS_MAIL_HOST="")
    assert done.returncode == 2
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("virtual-visits: links.key (VIRTUAL_VISITS_LINKS_KEY) is the value of an example")
    assert lines[1].startswith("virtual-visits: mail.host (VIRTUAL_VISITS_MAIL_HOST) must not be empty")
