"""What settings must be to each other: each rule yields the field that is wrong, and why."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from signaling.settings.values import is_loopback

Found = Mapping[str, Any]
Wrong = Iterator[tuple[str, str]]


def no_plain_http(found: Found) -> Wrong:
    """Browsers give camera and cookies to secure contexts only; this machine itself is one."""
    url = urlsplit(found["public_url"])
    if url.scheme != "http":
        return
    if not is_loopback(url.hostname or ""):
        yield "public_url", "must begin with https://: plain HTTP is for this machine itself only."
    elif not is_loopback(found["host"]):
        yield "host", "must be a loopback address (127.0.0.1) while server.public_url is plain HTTP."
    if found["certificate"] or found["trusted_proxies"]:
        yield "public_url", "must begin with https:// when a certificate or a trusted proxy is set."


def somebody_does_tls(found: Found) -> Wrong:
    """https needs a certificate here or a proxy in front."""
    if found["public_url"].startswith("https://") and not found["certificate"] and not found["trusted_proxies"]:
        yield (
            "certificate",
            "is missing: https needs server.certificate and server.key, or a proxy in server.trusted_proxies.",
        )


def certificate_works(found: Found) -> Wrong:
    """Certificate and key can be read and belong together."""
    certificate: Path | None = found["certificate"]
    key: Path | None = found["key"]
    if certificate is None and key is None:
        return
    readable = True
    files: tuple[tuple[str, Path | None], ...] = (("certificate", certificate), ("key", key))
    for name, file in files:
        if file is None:
            yield name, "is missing: certificate and key go together."
            readable = False
        elif not os.access(file, os.R_OK) or not file.is_file():
            yield name, "names a file that can't be read."
            readable = False
    if readable and certificate is not None:
        try:
            # A passphrase would be asked for at the terminal; a service has none.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: "")
        except (OSError, ValueError):
            yield "certificate", "and server.key must be PEM files without a passphrase that belong together."


def database_has_a_folder(found: Found) -> Wrong:
    """The database's folder exists and can be written in."""
    database = found["database"]
    if not database.parent.is_dir() or database.is_dir():
        yield "database", "must name a file in a folder that exists."
    elif not os.access(database.parent, os.W_OK):
        yield "database", "is in a folder that this user can't write in."


def mail_password_is_safe(found: Found) -> Wrong:
    """User and password go together, and never in clear over a network."""
    if (found["smtp_username"] is None) != (found["smtp_password"] is None):
        missing = "smtp_password" if found["smtp_password"] is None else "smtp_username"
        yield missing, "is missing: username and password go together."
    if found["smtp_password"] and found["smtp_security"] == "none" and not is_loopback(found["smtp_host"]):
        yield "smtp_security", "must be starttls or tls: the password would be sent in clear."


def relays_are_whole(found: Found) -> Wrong:
    """TURN addresses need a secret, and relaying needs TURN."""
    if found["turn_urls"] and not found["turn_secrets"]:
        yield "turn_secrets", "is missing: ice.turn_urls needs the secret of the TURN servers."
    if found["relay_only"] and not found["turn_urls"]:
        yield "turn_urls", "is missing: ice.relay_only needs a TURN server."


RULES: tuple[Callable[[Found], Wrong], ...] = (
    no_plain_http,
    somebody_does_tls,
    certificate_works,
    database_has_a_folder,
    mail_password_is_safe,
    relays_are_whole,
)
