"""`/demo/mail`: the mails that the demo agency has sent. There is no such page outside the demo.

A mail's HTML is shown apart, in a sandbox: it can run nothing and knows nothing of the site, but its links work.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Protocol
from zoneinfo import ZoneInfo

from aiohttp import web

from signaling.domain.values import zone
from signaling.errors import Code, Refused
from signaling.settings import Settings
from signaling.transport.security_headers import content_security_policy

_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
_FRAMED = "allow-popups allow-popups-to-escape-sandbox"


class DemoMail(Protocol):
    """A caught mail. `html` and `text` are as they were sent."""

    @property
    def id(self) -> str: ...
    @property
    def caught_at(self) -> datetime: ...
    @property
    def sender(self) -> str: ...
    @property
    def to(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...


class DemoMails(Protocol):
    """The caught mails."""

    async def list(self) -> Sequence[DemoMail]: ...
    async def get(self, id: str) -> DemoMail | None: ...


class DemoMailPages:
    """Serves the list, one mail, and a mail's HTML for the frame."""

    def __init__(self, settings: Settings, mails: DemoMails) -> None:
        self._mails = mails
        self._time_zone = settings.agency_time_zone
        self._with_frame = content_security_policy(settings, frame_src="'self'")
        self._in_frame = "; ".join(
            (
                f"sandbox {_FRAMED}",
                "default-src 'none'",
                "style-src 'unsafe-inline'",
                "img-src data:",
                "base-uri 'self'",
                "frame-ancestors 'self'",
            )
        )

    def serve(self, app: web.Application) -> None:
        """Serve the pages."""
        app.router.add_get("/demo/mail", self._list)
        app.router.add_get("/demo/mail/{mail}", self._one)
        app.router.add_get("/demo/mail/{mail}/html", self._html)

    async def _list(self, request: web.Request) -> web.Response:  # noqa: ARG002
        here = await asyncio.to_thread(zone, self._time_zone)
        rows = "".join(
            f'<li class="card"><a href="/demo/mail/{mail.id}">{escape(mail.subject)}</a>'
            f'<p class="soft">{escape(mail.to)}, {_time(mail, here)}</p></li>'
            for mail in await self._mails.list()
        )
        empty = "<p>No mail has been sent yet.</p>"
        content = f'<ul class="stack" role="list">{rows}</ul>' if rows else empty
        return self._page("Mails of the demo agency", f'{content}<p><a href="/demo/mail">Look again</a></p>')

    async def _one(self, request: web.Request) -> web.Response:
        mail = await self._found(request)
        here = await asyncio.to_thread(zone, self._time_zone)
        content = (
            '<p><a href="/demo/mail">All mails</a></p>'
            f'<p class="soft">From {escape(mail.sender)}<br>To {escape(mail.to)}<br>{_time(mail, here)}</p>'
            f'<iframe class="card demo-mail" src="/demo/mail/{mail.id}/html" sandbox="{_FRAMED}"'
            ' title="The mail as its reader sees it"></iframe>'
            f'<details class="card"><summary>Plain text</summary><pre>{escape(mail.text)}</pre></details>'
        )
        return self._page(mail.subject, content)

    async def _html(self, request: web.Request) -> web.Response:
        mail = await self._found(request)
        # Links open beside the mails, as they would from a mail program.
        body = _HEAD.sub(r'\g<0><base target="_blank">', mail.html, count=1)
        headers = {"Content-Security-Policy": self._in_frame}
        return web.Response(text=body, content_type="text/html", charset="utf-8", headers=headers)

    async def _found(self, request: web.Request) -> DemoMail:
        mail = await self._mails.get(request.match_info["mail"])
        if mail is None:
            raise Refused(Code.NOT_FOUND)
        return mail

    def _page(self, title: str, content: str) -> web.Response:
        body = _PAGE.format(title=escape(title), content=content)
        headers = {"Content-Security-Policy": self._with_frame}
        return web.Response(text=body, content_type="text/html", charset="utf-8", headers=headers)


def _time(mail: DemoMail, here: ZoneInfo) -> str:
    return mail.caught_at.astimezone(here).strftime("%Y-%m-%d %H:%M")


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/static/css/base.css">
<link rel="stylesheet" href="/static/css/demo-mail.css">
</head>
<body>
<main class="demo-mails stack">
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""
