"""The demo's mail catcher: what is sent to it can be read, after a restart too."""

from __future__ import annotations

from pathlib import Path

import pytest

from signaling.mail import catcher
from signaling.mail.catcher import CaughtMails, catching
from signaling.mail.render import Renderer
from signaling.mail.smtp import Accepted, SmtpSender, Trouble, TryLater
from tests.smtp.letters import AGENCY, LETTER, LINK

RAW = Renderer(AGENCY).render(LETTER).as_bytes()


async def send(port: int, raw: bytes) -> object:
    return await SmtpSender("127.0.0.1", port, "none", timeout=5).send(AGENCY.mail_from, LETTER.address, raw)


async def test_caught_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "mail"
    async with catching(CaughtMails(folder)) as port:
        assert await CaughtMails(folder).list() == ()
        assert await send(port, RAW) == Accepted()
        assert await send(port, RAW) == Accepted()
    again = CaughtMails(folder)
    newest, oldest = await again.list()
    assert newest.id > oldest.id
    assert newest.caught_at >= oldest.caught_at
    assert await again.get(newest.id) == newest
    assert newest.to == LETTER.address
    assert newest.subject.startswith("Your video visit on Monday")
    assert AGENCY.mail_from in newest.sender
    assert LINK in newest.text
    assert f'href="{LINK}"' in newest.html
    assert "METHOD:REQUEST" in newest.calendar


@pytest.mark.parametrize("id", ["", ".", "../secret", "0000000000000-00000000", "x" * 22, "0000000000000-0000000g"])
async def test_unknown_mail(tmp_path: Path, id: str) -> None:
    (tmp_path / "secret.eml").write_bytes(b"Subject: x\r\n\r\n")
    mails = CaughtMails(tmp_path / "mail")
    assert await mails.get(id) is None


async def test_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catcher, "KEPT", 2)
    mails = CaughtMails(tmp_path)
    added = [await mails.add(f"Subject: {number}\r\n\r\n".encode()) for number in range(4)]
    kept = await mails.list()
    assert [mail.id for mail in kept] == sorted(added, reverse=True)[:2]


async def test_no_room(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("not a folder")
    async with catching(CaughtMails(tmp_path / "mail")) as port:
        assert await send(port, b"Subject: x\r\n\r\n") == TryLater(Trouble.ANSWER, "452 There is no room for the mail")


async def test_what_is_no_mail(tmp_path: Path) -> None:
    mails = CaughtMails(tmp_path)
    name = await mails.add(b"\xff\xfe\0")
    (caught,) = await mails.list()
    assert (caught.id, caught.html, caught.calendar) == (name, "", "")
