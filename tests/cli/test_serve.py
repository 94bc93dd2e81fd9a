"""`serve`: it starts, stops, takes over, and the other commands go through it."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., "subprocess.CompletedProcess[str]"]
Start = Callable[..., Any]
PASSWORD = "four random words here"
ADD = ("--name", "Anna", "--email", "anna@willow.example", "--role", "administrator", "--password-stdin", "--config")


def at(config: Path, port: int) -> Path:
    """The settings with another port."""
    config.write_text(config.read_text().replace(":8080", f":{port}").replace("[server]", f"[server]\nport = {port}"))
    return config


def ask(port: int, method: str, path: str, body: Any = None, context: ssl.SSLContext | None = None) -> tuple[int, Any]:
    """One request as a page makes it; status and text."""
    connection = (
        http.client.HTTPSConnection("localhost", port, timeout=60, context=context)
        if context
        else http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    )
    scheme = "https" if context else "http"
    headers = {"Host": f"localhost:{port}", "Origin": f"{scheme}://localhost:{port}"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def sign_in(port: int, password: str) -> int:
    return ask(port, "POST", "/api/v1/sign-in", {"email": "anna@willow.example", "password": password})[0]


def test_start_answer_stop(start: Start, config: Path, port: int) -> None:
    server = start("serve", "--config", at(config, port))
    assert server.greeting == [f"Virtual Visits 0.1.0 is ready at http://localhost:{port}"]
    assert ask(port, "GET", "/healthz")[0] == 200
    assert ask(port, "GET", "/readyz")[0] == 200
    begun = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begun < 10
    assert {file.name for file in config.parent.glob("visits.sqlite3*")} == {"visits.sqlite3", "visits.sqlite3.lock"}
    assert server.process.stdout.read() == ""


def test_the_settings_file_by_environment(start: Start, config: Path, port: int) -> None:
    start("serve", VIRTUAL_VISITS_CONFIG=str(at(config, port)))
    assert ask(port, "GET", "/healthz")[0] == 200


def test_commands_go_through_the_running_server(start: Start, command: Command, config: Path, port: int) -> None:
    server = start("serve", "--config", at(config, port))
    assert (config.parent / "visits.sqlite3.sock").stat().st_mode & 0o777 == 0o600
    assert sign_in(port, PASSWORD) == 401
    added = command("employee", "add", "anna", *ADD, config, stdin=PASSWORD)
    assert (added.returncode, added.stderr) == (0, "")
    assert sign_in(port, PASSWORD) == 200
    changed = command("employee", "password", "anna", "--password-stdin", "--config", config, stdin=PASSWORD[::-1])
    assert (changed.returncode, changed.stderr) == (0, "")
    assert (sign_in(port, PASSWORD), sign_in(port, PASSWORD[::-1])) == (401, 200)
    again = command("employee", "add", "anna", *ADD, config, stdin=PASSWORD)
    assert (again.returncode, again.stderr) == (2, "virtual-visits: There is an employee with this id already.\n")
    (config.parent / "clients.csv").write_text("id,name,language\nc1,Rose,en\nc2,,en\n")
    refused = command("import", "clients.csv", "--config", config)
    assert refused.stderr.splitlines() == [
        "virtual-visits: clients.csv:3: name: must not be empty",
        "virtual-visits: Nothing was imported.",
    ]
    key = command("api-key", "create", "payroll", "--scope", "schedule", "--config", config).stdout.strip()
    log = server.log.read_text()
    assert "POST /api/v1/sign-in" in log, "the control: requests are logged"
    for secret in (PASSWORD, key, "anna@willow.example", "127.0.0.1", "Rose"):
        assert secret not in log


def test_after_a_crash_commands_write_themselves_and_a_start_recovers(
    start: Start, command: Command, config: Path, port: int
) -> None:
    server = start("serve", "--config", at(config, port))
    server.stop(signal.SIGKILL)
    assert (config.parent / "visits.sqlite3.sock").exists()
    assert command("employee", "add", "anna", *ADD, config, stdin=PASSWORD).returncode == 0
    start("serve", "--config", config)
    assert sign_in(port, PASSWORD) == 200


def test_a_second_server_waits_for_the_first(start: Start, config: Path, port: int) -> None:
    first = start("serve", "--config", at(config, port))
    second = start("serve", "--config", config, lines=0)
    deadline = time.monotonic() + 120
    while "waiting until it has ended" not in second.log.read_text():
        assert second.process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert ask(port, "GET", "/healthz")[0] == 200
    assert first.stop() == 0
    assert "is ready at" in second.process.stdout.readline()
    assert ask(port, "GET", "/healthz")[0] == 200
    assert second.stop() == 0


def test_a_start_that_waits_can_be_stopped(start: Start, config: Path, port: int) -> None:
    start("serve", "--config", at(config, port))
    second = start("serve", "--config", config, lines=0)
    while "waiting until it has ended" not in second.log.read_text():
        time.sleep(0.05)
    assert second.stop() == 0


def test_a_port_that_is_taken(command: Command, config: Path, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        done = command("serve", "--config", at(config, port))
    assert done.returncode == 2
    [line] = [line for line in done.stderr.splitlines() if line.startswith("virtual-visits: ")]
    assert line.startswith(f"virtual-visits: Can't listen at 127.0.0.1 port {port}: ")
    assert "Traceback" not in done.stderr


def test_tls_by_certificate_files(
    start: Start, config: Path, port: int, tmp_path: Path, certify: Callable[[Path, Path], None]
) -> None:
    certify(tmp_path / "c.pem", tmp_path / "k.pem")
    url = f"https://localhost:{port}"
    start(
        *("serve", "--config", at(config, port)),
        VIRTUAL_VISITS_SERVER_PUBLIC_URL=url,
        VIRTUAL_VISITS_SERVER_CERTIFICATE=str(tmp_path / "c.pem"),
        VIRTUAL_VISITS_SERVER_KEY=str(tmp_path / "k.pem"),
    )
    context = ssl.create_default_context(cafile=tmp_path / "c.pem")
    assert ask(port, "GET", "/healthz", context=context)[0] == 200
    assert ask(port, "GET", "/api/v1/agency", context=context)[0] == 200


def test_what_is_no_http_leaves_no_trace_in_the_log(start: Start, config: Path, port: int) -> None:
    server = start("serve", "--config", at(config, port))
    for request in (
        b"GET /v#TOKEN-SECRET HTTP/1.1\r\nHost: x\r\nBad Header TOKEN-SECRET\r\n\r\n",
        b"TOKEN-SECRET\r\n\r\n",
        b"GET /v%23TOKEN-SECRET HTTP/9.9\r\n\r\n",
        b"GET /v%23TOKEN-SECRET HTTP/1.1\r\nHost: localhost\r\nContent-Length: TOKEN-SECRET\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(request)
            assert b" 400 " in connection.recv(4096)
    assert ask(port, "GET", "/v%23TOKEN-SECRET")[0] == 200
    assert server.stop() == 0
    log = server.log.read_text()
    assert "a request could not be read or answered" in log, "the control: they are noticed"
    assert "TOKEN-SECRET" not in log
    assert "127.0.0.1" not in log
