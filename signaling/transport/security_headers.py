"""The headers that every answer carries, whoever made it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from aiohttp import web

from signaling.settings import Settings

_POWERS = {
    "camera": "(self)",
    "microphone": "(self)",
    "autoplay": "(self)",
    "fullscreen": "(self)",
    "picture-in-picture": "(self)",
    "screen-wake-lock": "(self)",
    "display-capture": "()",
    "geolocation": "()",
    "payment": "()",
    "usb": "()",
}


def content_security_policy(settings: Settings, **changed: str) -> str:
    """The Content-Security-Policy of every answer (CSP 3); `changed` replaces or adds directives, `_` for `-`."""
    url = urlsplit(settings.public_url)
    # Safari before 15.4 does not let 'self' cover the WebSocket of the same host (CSP 3, section 6.7.2.8).
    socket = f"{'wss' if url.scheme == 'https' else 'ws'}://{url.netloc}"
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob:",
        "connect-src": f"'self' {socket}",
        "font-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    } | {name.replace("_", "-"): value for name, value in changed.items()}
    return "; ".join(f"{name} {value}".strip() for name, value in directives.items())


def security_headers(settings: Settings) -> Mapping[str, str]:
    """The headers by name. What a handler has set itself is left as it is."""
    headers = {
        "Content-Security-Policy": content_security_policy(settings),
        "Permissions-Policy": ", ".join(f"{power}={who}" for power, who in _POWERS.items()),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
        # The visit page opens the call and both are ours, so the two windows still know each other.
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        # What is not marked otherwise is personal.
        "Cache-Control": "no-store",
    }
    if settings.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return MappingProxyType(headers)


def install(app: web.Application, settings: Settings) -> None:
    """Put the headers on everything that `app` answers, the socket's answers included."""
    headers = security_headers(settings)

    async def add(request: web.Request, response: web.StreamResponse) -> None:  # noqa: ARG001
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        response.headers.pop("Server", None)

    app.on_response_prepare.append(add)
