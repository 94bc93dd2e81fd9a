"""What the sender makes of everything that a real server, or none, can do."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path

import pytest

from signaling.mail.smtp import WORDS_MAX, Accepted, Outcome, Rejected, SmtpSender, Trouble, TryLater, clean
from tests.smtp.servers import CUTS, Desk, answering, certificate, serving

MESSAGE = b"From: visits@agency.example\r\nTo: marie@client.example\r\nSubject: Visit\r\n\r\nHello\r\n.dot\r\n"


async def send(port: int, security: str = "none", *, host: str = "localhost", **more: object) -> Outcome:
    arguments: dict[str, object] = {"timeout": 5.0, "data_timeout": 5.0, **more}
    sender = SmtpSender(host, port, security, **arguments)  # type: ignore[arg-type]
    return await sender.send("visits@agency.example", "marie@client.example", MESSAGE)


async def test_plain() -> None:
    desk = Desk()
    async with serving(desk) as port:
        assert await send(port) == Accepted()
    (taken,) = desk.taken
    assert (taken.sender, taken.recipients) == ("visits@agency.example", ("marie@client.example",))
    assert taken.raw == MESSAGE
    assert not taken.encrypted


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_encrypted_and_signed_in(security: str, tmp_path: Path) -> None:
    authority, context = certificate(tmp_path)
    desk = Desk()
    account = ("agency", "s3cret words")
    tls, starttls = (context, None) if security == "tls" else (None, context)
    async with serving(desk, tls=tls, starttls=starttls, account=account) as port:
        outcome = await send(port, security, username=account[0], password=account[1], authorities=authority)
        assert outcome == Accepted()
        wrong = await send(port, security, username=account[0], password="wrong", authorities=authority)
        none = await send(port, security, authorities=authority)
    assert [taken.user for taken in desk.taken] == ["agency"]
    for refused in (wrong, none):
        assert isinstance(refused, TryLater)
        assert refused.trouble is Trouble.SIGN_IN
        assert refused.words.startswith("53")


async def test_plain_with_sign_in() -> None:
    desk = Desk()
    async with serving(desk, account=("agency", "pass")) as port:
        assert await send(port, username="agency", password="pass") == Accepted()


async def test_sign_in_that_the_server_does_not_know() -> None:
    async with serving(Desk()) as port:
        assert await send(port, username="agency", password="pass") == TryLater(Trouble.SIGN_IN)


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_certificate_that_nobody_vouches_for(security: str, tmp_path: Path) -> None:
    _, context = certificate(tmp_path)
    desk = Desk()
    tls, starttls = (context, None) if security == "tls" else (None, context)
    async with serving(desk, tls=tls, starttls=starttls) as port:
        assert await send(port, security) == TryLater(Trouble.CERTIFICATE)
    assert not desk.taken


async def test_certificate_of_another_host(tmp_path: Path) -> None:
    authority, context = certificate(tmp_path, "elsewhere.example")
    async with serving(Desk(), starttls=context) as port:
        assert await send(port, "starttls", authorities=authority) == TryLater(Trouble.CERTIFICATE)


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_never_unencrypted_when_encryption_was_asked_for(security: str) -> None:
    desk = Desk()
    async with serving(desk) as port:
        assert await send(port, security) == TryLater(Trouble.NOT_ENCRYPTED)
    assert not desk.taken


@pytest.mark.parametrize("where", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("code", [421, 450, 452, 550, 554])
async def test_answers(where: str, code: int) -> None:
    desk = Desk()
    getattr(desk, f"{where}_answers").append(f"{code} 4.2.1 Not <marie@client.example>: try\x07 again")
    async with serving(desk) as port:
        outcome = await send(port)
        assert await send(port) == Accepted()
    kind = TryLater if code < 500 else Rejected
    assert outcome == kind(Trouble.ANSWER, f"{code} 4.2.1 Not <…>: try again")


async def test_wrong_sign_in_demanded_late() -> None:
    async with serving(Desk(mail_answers=["530 Must sign in"])) as port:
        assert await send(port) == TryLater(Trouble.SIGN_IN, "530 Must sign in")


@pytest.mark.parametrize("phase", CUTS)
async def test_cut_off(phase: str) -> None:
    desk = Desk(cuts=[phase])
    async with serving(desk) as port:
        outcome = await send(port)
        assert isinstance(outcome, TryLater)
        assert outcome.trouble in {Trouble.CUT_OFF, Trouble.UNREACHABLE}
        assert not desk.cuts
        assert len(desk.taken) == (phase == "dot")
        assert await send(port) == Accepted()


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert await send(taken.getsockname()[1], host="127.0.0.1") == TryLater(Trouble.UNREACHABLE)


async def test_silent_server() -> None:
    async with answering() as port:
        assert await send(port, timeout=0.2) == TryLater(Trouble.TIMED_OUT)


async def test_silent_after_the_dot() -> None:
    desk = Desk(gate=asyncio.Event())
    async with serving(desk) as port:
        assert await send(port, data_timeout=0.3) == TryLater(Trouble.TIMED_OUT)


async def test_dripping_server() -> None:
    async with answering(b"220-more\r\n", again=0.02) as port:
        assert await send(port, timeout=0.1, data_timeout=0.1) == TryLater(Trouble.TIMED_OUT)


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff\xfe\x00\r\n", b"999 What\r\n"])
async def test_no_mail_server_at_all(greeting: bytes) -> None:
    async with answering(greeting) as port:
        assert await send(port) == TryLater(Trouble.NOT_UNDERSTOOD)


async def test_server_that_wants_nobody() -> None:
    async with answering(b"554 No mail here\r\n") as port:
        assert await send(port) == TryLater(Trouble.ANSWER, "554 No mail here")


@pytest.mark.parametrize("address", ["a b@c.example", "a@b.example>\r\nRCPT TO:<c@d.example", "é@b.example"])
async def test_address_that_is_a_command(address: str) -> None:
    desk = Desk()
    async with serving(desk) as port:
        sender = SmtpSender("localhost", port, "none", timeout=5)
        assert await sender.send("visits@agency.example", address, MESSAGE) == Rejected(Trouble.NOT_MADE)
    assert not desk.taken


def test_words_are_fit_to_be_shown() -> None:
    assert clean("550 5.1.1 <marie@client.example>\r\n user\u202e unknown\x1b[31m") == "550 5.1.1 <…> user unknown [31m"
    assert clean("marie@client.example,jean@client.example") == "…,…"
    assert len(clean("x" * 1000)) == WORDS_MAX
    assert clean("\udcff") == ""


def test_unknown_security() -> None:
    with pytest.raises(ValueError, match="sometimes"):
        SmtpSender("localhost", 25, "sometimes")


def test_tls_versions() -> None:
    assert ssl.create_default_context().minimum_version >= ssl.TLSVersion.TLSv1_2
