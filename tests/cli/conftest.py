"""A valid settings file, and the real command in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).parents[2]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

VALID = """
[agency]
name = "Willow"
phone = "+33 1 99 00 12 34"
reply_to = "office@willow.example"
time_zone = "Europe/Paris"
[server]
public_url = "http://localhost:8080"
[storage]
database = "visits.sqlite3"
[links]
key = "pX7d0v9wq3Lk2mNz8bTfRyUcVjHgSeA1oI5x"
[mail]
host = "smtp.willow.example"
from = "visits@willow.example"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A settings file without mistakes; its database is beside it."""
    file = tmp_path / "visits.toml"
    file.write_text(VALID)
    return file


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Runs `virtual-visits` with arguments, from a folder that is not the repository's."""

    def run(*arguments: str | Path, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "signaling", *map(str, arguments)],
            cwd=tmp_path,
            env=clean_environment() | {"PYTHONPATH": str(ROOT)} | environ,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    return run


@pytest.fixture
def certify() -> Callable[[Path, Path], None]:
    """Writes a certificate for localhost and its key, both PEM, to two paths."""

    def write(certificate: Path, key: Path) -> None:
        private = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        now = datetime.now(UTC)
        signed = (
            x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .sign(private, hashes.SHA256())
        )
        form = serialization.Encoding.PEM
        certificate.write_bytes(signed.public_bytes(form))
        key.write_bytes(private.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))

    return write


def clean_environment() -> dict[str, str]:
    """This process's environment without settings of ours."""
    return {name: text for name, text in os.environ.items() if not name.startswith("VIRTUAL_VISITS_")}


@dataclass
class Running:
    """A server process: what it printed when it was ready, and what it logs."""

    process: subprocess.Popen[str]
    greeting: list[str]
    log: Path

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)


Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `virtual-visits` with arguments and waits until it says that it is ready (or not, with `lines=0`)."""
    started: list[Running] = []

    def begin(*arguments: str | Path, lines: int = 1, **environ: str) -> Running:
        log = tmp_path / f"server-{len(started)}.log"
        with log.open("w") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "signaling", *map(str, arguments)],
                cwd=tmp_path,
                env=clean_environment() | {"PYTHONPATH": str(ROOT)} | environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
            )
        running = Running(process, [], log)
        started.append(running)
        assert process.stdout is not None
        running.greeting = [process.stdout.readline().rstrip() for _ in range(lines)]
        assert all(running.greeting), log.read_text()
        return running

    yield begin
    for running in started:
        if running.process.poll() is None:
            running.stop(signal.SIGKILL)
        assert running.process.stdout is not None
        running.process.stdout.close()


@pytest.fixture
def port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
