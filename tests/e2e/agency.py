"""A home-care agency for the tests: the real server in its own process, real people, and a back office by API."""

from __future__ import annotations

import itertools
import json
import os
import signal
import sqlite3
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.e2e.postbox import Postbox, free_port, wait_for

ROOT = Path(__file__).parents[2]
PASSWORD = "a-quiet-garden-path"
PHONE = "+33 1 99 00 55 55"
AGENCY = "Linden Home Care"
# None of them the browsers'.
_ZONES = (
    "America/Toronto",
    "Asia/Kolkata",
    "Pacific/Honolulu",
    "America/Anchorage",
    "America/Denver",
    "America/Sao_Paulo",
    "Atlantic/Azores",
    "Africa/Nairobi",
    "Australia/Perth",
    "Pacific/Auckland",
)
# The visits' time zone and the agency's, two in which it is day: what moves by hours stays on the same date.
ZONE, HOME = [zone for zone in _ZONES if 7 <= datetime.now(ZoneInfo(zone)).hour < 16][:2]


class Problem(Exception):
    """An answer that is a refusal; `code` is its stable code."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.code = str(body["code"])


class Agency:
    """One server on a folder of its own. `certificate` makes it serve over TLS; `ice` is that section of its file."""

    def __init__(
        self, folder: Path, postbox: Postbox, certificate: tuple[Path, Path] | None = None, ice: str = ""
    ) -> None:
        self.postbox = postbox
        self._folder = folder
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        port = free_port()
        self.url = f"{'https' if certificate else 'http'}://localhost:{port}"
        self.log = folder / "server.log"
        self.database = folder / "visits.sqlite3"
        self._config = folder / "visits.toml"
        tls = f'certificate = "{certificate[0]}"\nkey = "{certificate[1]}"' if certificate else ""
        self._tls = ssl.create_default_context(cafile=str(certificate[0])) if certificate else None
        self._config.write_text(
            f"""
[agency]
name = "{AGENCY}"
phone = "{PHONE}"
reply_to = "office@linden.example"
time_zone = "{HOME}"
[server]
public_url = "{self.url}"
host = "127.0.0.1"
port = {port}
{tls}
[storage]
database = "{self.database}"
[links]
key = "only-for-tests-0123456789abcdefghijklmnopqrstuvwxyz"
[mail]
host = "127.0.0.1"
port = {postbox.port}
security = "none"
from = "visits@linden.example"
[ice]
{ice}
"""
        )
        self._key = ""

    def command(self, *words: str, stdin: str = "") -> str:
        """Run `virtual-visits` and return what it prints."""
        run = subprocess.run(
            [sys.executable, "-m", "signaling", *words, "--config", str(self._config)],
            input=stdin,
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
            timeout=60,
        )
        assert run.returncode == 0, run.stderr
        return run.stdout

    def start(self) -> None:
        """Start the server and wait until it is ready."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "signaling", "serve", "--config", str(self._config)],
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env=os.environ | {"PYTHONASYNCIODEBUG": "0"},
            )
        wait_for("the server", self._ready)
        if not self._key:
            printed = self.command("api-key", "create", "tests", "--scope", "admin")
            self._key = next(word for word in printed.split() if word.startswith("vv_"))

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", context=self._tls, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def kill(self) -> None:
        """SIGKILL, as a crash."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(timeout=20)

    def stop(self) -> None:
        """SIGTERM, and it must be gone within 10 s."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=12)

    def call(self, method: str, path: str, body: Any = None, *, cookie: str | None = None) -> Any:
        """One HTTP request as the back office, or with a cookie. Raises Problem."""
        headers = {"Cookie": cookie, "Origin": self.url} if cookie else {"Authorization": f"Bearer {self._key}"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}", data, headers | {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, context=self._tls, timeout=30) as answer:
                raw = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                raise Problem(error.code, json.loads(error.read())) from None
        return json.loads(raw) if raw else None

    def cookie(self, employee: str) -> str:
        """The cookie header of an employee who has just signed in."""
        body = {"email": f"{employee}@linden.example", "password": PASSWORD}
        headers = {"Content-Type": "application/json", "Origin": self.url}
        request = urllib.request.Request(f"{self.url}/api/v1/sign-in", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, context=self._tls, timeout=30) as answer:
            return "; ".join(line.partition(";")[0] for line in answer.headers.get_all("Set-Cookie"))

    # -- people and visits -----------------------------------------------------------------------------------------

    def id(self, kind: str) -> str:
        """A new id."""
        return f"{kind}-{next(self._numbers)}"

    def service(self, *, virtual: bool = True) -> str:
        """A service code."""
        id = self.id("service")
        self.call("PUT", f"/service-codes/{id}", {"name": f"Service {id}", "allowsVirtualCare": virtual})
        return id

    def employee(self, name: str = "Vera Caregiver", role: str = "caregiver", **more: Any) -> str:
        """An employee who can sign in; their email is `<id>@linden.example`."""
        id = self.id("employee")
        body = {"name": name, "email": f"{id}@linden.example", "role": role, "language": "en", "active": True}
        self.call("PUT", f"/employees/{id}", body | {"mayInitiateVirtualVisits": True} | more)
        self.command("employee", "password", id, "--password-stdin", stdin=PASSWORD + "\n")
        return id

    def client(self, name: str = "Rosa Gardener", *, email: bool = True, **more: Any) -> str:
        """A client; their email is `<id>@home.example`."""
        id = self.id("client")
        body = {"name": name, "language": "en", "phone": "+33 1 99 00 11 22"}
        self.call("PUT", f"/clients/{id}", body | ({"email": f"{id}@home.example"} if email else {}) | more)
        return id

    def visit(self, employee: str, client: str, service: str | None = None, **more: Any) -> str:
        """A visit that starts in ten minutes, for an hour, with two tasks."""
        id = self.id("visit")
        starts = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=10)
        body = {
            "serviceCode": service or self.service(),
            "employee": employee,
            "client": client,
            "startsAt": starts.isoformat(),
            "endsAt": (starts + timedelta(hours=1)).isoformat(),
            "timeZone": ZONE,
            "tasks": [{"id": "t1", "title": "Ask how the night was"}, {"id": "t2", "title": "Check the medicine"}],
        }
        self.call("PUT", f"/visits/{id}", body | more)
        return id

    def change_visit(self, id: str, **changes: Any) -> Any:
        """PUT the visit with some fields changed."""
        view = self.call("GET", f"/visits/{id}")
        names = ("serviceCode", "employee", "client", "startsAt", "endsAt", "timeZone", "tasks")
        return self.call("PUT", f"/visits/{id}", {name: view[name] for name in names} | changes)

    def state(self, visit: str) -> str | None:
        """The state of the visit's session."""
        session = self.call("GET", f"/visits/{visit}")["session"]
        return None if session is None else str(session["state"])

    def events(self, visit: str) -> list[str]:
        """The kinds of the visit's events, read from the database itself."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as db:
            rows = db.execute("SELECT kind FROM events WHERE visit = ? ORDER BY seq", (visit,)).fetchall()
        db.close()
        return [str(kind) for (kind,) in rows]


def hhmm(moment: str, zone: str = ZONE) -> str:
    """An API time as [HH:MM] in a time zone."""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).strftime("%H:%M")
