"""The pages for people. They hold nothing personal: what a page shows it asks the HTTP interface for."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from html import escape
from urllib.parse import quote

from aiohttp import web

from signaling.domain.visit import Language
from signaling.errors import Refused
from signaling.settings import Settings
from signaling.transport.auth import Auth
from signaling.transport.static_files import StaticFiles, answer

Endpoint = Callable[[web.Request], Awaitable[web.StreamResponse]]

STAFF_PAGES = {
    "/": "schedule.html",
    "/visits/{id:[A-Za-z0-9._-]+}": "visit.html",
    "/visits/{id:[A-Za-z0-9._-]+}/call": "call.html",
}
# Mail programs write a link's `#` as `%23`, so that its token comes as part of the path: the same page.
JOIN_PATHS = ("/v", "/v{fragment:[#].*}")
_SAME_SITE = re.compile(r"/(?![/\\])[!-~]*", re.ASCII)


class Pages:
    """Serves the pages."""

    def __init__(self, settings: Settings, files: StaticFiles, auth: Auth) -> None:
        self._settings = settings
        self._files = files
        self._auth = auth

    def serve(self, app: web.Application) -> None:
        """Serve every page."""
        for path, name in STAFF_PAGES.items():
            app.router.add_get(path, self._staff_page(name))
        for path in JOIN_PATHS:
            app.router.add_get(path, self._join)
        app.router.add_get("/sign-in", self._sign_in)
        app.router.add_get("/robots.txt", _robots)

    def _staff_page(self, name: str) -> Endpoint:
        async def page(request: web.Request) -> web.StreamResponse:
            if await self._auth.employee(request) is None:
                raise web.HTTPSeeOther(f"/sign-in?next={quote(request.path, safe='/')}")
            return answer(request, self._files.get(name))

        return page

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        if await self._auth.employee(request) is not None:
            raise web.HTTPSeeOther(same_site(request.query.get("next", "/")))
        return answer(request, self._files.get("sign-in.html"))

    async def _join(self, request: web.Request) -> web.StreamResponse:
        return answer(request, self._files.get("join.html"))

    def error_page(self, request: web.Request, refused: Refused) -> web.Response | None:
        """A plain page for a person whose address leads nowhere; None where a machine asks."""
        if request.path.startswith(("/api/", "/static/", "/socket.io/")):
            return None
        if "text/html" not in request.headers.get("Accept", ""):
            return None
        language = _language(request, self._settings.agency_language)
        body = _ERROR_PAGE.format(
            language=language.value,
            sentence=escape(self._sentence(refused, language)),
            agency=escape(self._settings.agency_name),
            phone=escape(self._settings.agency_phone),
            dial=quote(self._settings.agency_phone.replace(" ", ""), safe="+"),
        )
        return web.Response(status=refused.status, text=body, content_type="text/html", charset="utf-8")

    def _sentence(self, refused: Refused, language: Language) -> str:
        try:
            texts = json.loads(self._files.get(f"locales/{language.value}/common.json").body)
        except Refused:
            return refused.sentence
        return str(texts.get(f"error.{refused.code.value}", refused.sentence))


def same_site(path: str) -> str:
    """The path if it is one of this site's own, else the start page."""
    return path if _SAME_SITE.fullmatch(path) else "/"


async def _robots(request: web.Request) -> web.StreamResponse:  # noqa: ARG001
    return web.Response(text="User-agent: *\nDisallow: /\n")


def _language(request: web.Request, otherwise: Language) -> Language:
    """The first language of the browser that there is a catalogue of."""
    wanted = (part.strip()[:2].lower() for part in request.headers.get("Accept-Language", "").split(","))
    return next((Language(code) for code in wanted if code in set(Language)), otherwise)


_ERROR_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{sentence}</title>
<link rel="stylesheet" href="/static/css/base.css">
<link rel="stylesheet" href="/static/css/sign-in.css">
</head>
<body>
<main class="sign-in">
<div class="sign-in-card card stack">
<h1>{sentence}</h1>
<p>{agency}, <a href="tel:{dial}">{phone}</a></p>
</div>
</main>
</body>
</html>
"""
