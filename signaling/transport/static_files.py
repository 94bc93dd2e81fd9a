"""The site's files, read once and kept in memory: what is not in the table can't be asked for.

Browsers ask each time whether a file has changed, so that pages and modules of two versions never meet.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from aiohttp import web

import signaling
from signaling.errors import Code, Refused

ROOT = Path(signaling.__file__).parent.parent / "static"
FOLDERS = ("js", "css", "img", "locales")
_IMAGE_CACHE = "public, max-age=3600"
_REVALIDATE = "no-cache"
_GZIP_MIN = 1024

# What is not listed is not served: types, notes and settings of tools lie between the modules.
MEDIA_TYPES = MappingProxyType(
    {
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".json": "application/json",
        ".webmanifest": "application/manifest+json",
        ".svg": "image/svg+xml",
        ".png": "image/png",
        ".webp": "image/webp",
        ".jpg": "image/jpeg",
        ".ico": "image/x-icon",
        ".woff2": "font/woff2",
    }
)
_COMPRESSED = frozenset({".html", ".js", ".css", ".json", ".webmanifest", ".svg", ".ico"})


@dataclass(frozen=True, slots=True)
class File:
    """One file, with its compressed form where that is smaller."""

    body: bytes
    compressed: bytes | None
    media_type: str
    tag: str


class StaticFiles:
    """The files by their path below `static/`; there are none before the app has started."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: Mapping[str, File] = {}

    async def _load(self, app: web.Application) -> None:  # noqa: ARG002
        self._files = await asyncio.to_thread(_read_all, self._root)

    def get(self, name: str) -> File:
        """The file; raises Refused(NOT_FOUND)."""
        file = self._files.get(name)
        if file is None:
            raise Refused(Code.NOT_FOUND)
        return file

    def serve(self, app: web.Application) -> None:
        """Serve the folders below `/static`, the manifest and the icon."""
        app.on_startup.append(self._load)

        async def in_folder(request: web.Request) -> web.Response:
            match = request.match_info
            cache = _IMAGE_CACHE if match["folder"] == "img" else _REVALIDATE
            return answer(request, self.get(f"{match['folder']}/{match['name']}"), cache)

        async def manifest(request: web.Request) -> web.Response:
            return answer(request, self.get("manifest.webmanifest"), _REVALIDATE)

        async def icon(request: web.Request) -> web.Response:
            return answer(request, self.get("img/favicon.ico"), _IMAGE_CACHE)

        app.router.add_get(f"/static/{{folder:{'|'.join(FOLDERS)}}}/{{name:.+}}", in_folder)
        app.router.add_get("/manifest.webmanifest", manifest)
        app.router.add_get("/favicon.ico", icon)


def answer(request: web.Request, file: File, cache: str | None = None) -> web.Response:
    """The file, or 304 if the browser has it. Without `cache` it is personal and never kept."""
    compressed = file.compressed is not None and _takes_gzip(request)
    tag = f"{file.tag}-gz" if compressed else file.tag
    headers = {"Vary": "Accept-Encoding"} if file.compressed is not None else {}
    if cache is not None:
        headers |= {"Cache-Control": cache, "ETag": f'"{tag}"'}
        known = request.if_none_match or ()
        if any(etag.value in {tag, "*"} for etag in known):
            return web.Response(status=304, headers=headers)
    headers["Content-Type"] = file.media_type
    if compressed:
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=file.compressed if compressed else file.body, headers=headers)


def _takes_gzip(request: web.Request) -> bool:
    codings = [part.partition(";") for part in request.headers.get("Accept-Encoding", "").lower().split(",")]
    return any(name.strip() == "gzip" and weight.replace(" ", "") not in _NEVER for name, _, weight in codings)


_NEVER = frozenset({"q=0", "q=0.0", "q=0.00", "q=0.000"})


def _read_all(root: Path) -> Mapping[str, File]:
    paths = [path for path in root.iterdir() if path.is_file()]
    paths += [path for folder in FOLDERS for path in (root / folder).rglob("*") if path.is_file()]
    return {
        path.relative_to(root).as_posix(): _read(path)
        for path in paths
        if path.suffix in MEDIA_TYPES and ".d" not in path.suffixes
    }


def _read(path: Path) -> File:
    body = path.read_bytes()
    small = gzip.compress(body, 9, mtime=0) if path.suffix in _COMPRESSED and len(body) >= _GZIP_MIN else body
    tag = hashlib.sha256(body).hexdigest()[:24]
    return File(body, small if len(small) < len(body) else None, MEDIA_TYPES[path.suffix], tag)
