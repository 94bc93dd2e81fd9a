"""SQLite's own file layer, with a hand in between that records and fails: a VFS (sqlite.org/vfs.html) by ctypes.

A copy of the default VFS is made the default one. Files are opened by the original, which leaves a table of methods in
the file; that table is replaced by a copy in which writing, truncating and syncing go through here. All the rest,
locks and shared memory among it, stays the original's. Syncs are recorded, not carried out.
"""

from __future__ import annotations

import _sqlite3
import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p
from dataclasses import dataclass
from typing import Any, ClassVar

OK, FULL, CANTOPEN = 0, 13, 14
IOERR_WRITE, IOERR_FSYNC, IOERR_TRUNCATE = 778, 1034, 1546
MAIN_DB, WAL = 0x100, 0x80000

_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_DELETE = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)


class WrongSqlite(Exception):
    """Python's SQLite can't be reached."""


class _Methods(ctypes.Structure):
    _fields_: ClassVar = [
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", _WRITE),
        ("truncate", _TRUNCATE),
        ("sync", _SYNC),
        ("others", c_void_p * 12),
    ]


class _File(ctypes.Structure):
    _fields_: ClassVar = [("methods", POINTER(_Methods))]


class _Vfs(ctypes.Structure):
    _fields_: ClassVar = [
        ("version", c_int),
        ("file_size", c_int),
        ("path_max", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", _OPEN),
        ("delete", _DELETE),
        ("others", c_void_p * 13),
    ]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, in order. `kind` is write, truncate, sync, delete or what a test notes."""

    kind: str
    file: str = ""
    offset: int = 0
    data: bytes = b""
    number: int = -1


class FaultyVfs:
    """The hand in between. `steps` is what was done to the database and its write-ahead log."""

    def __init__(self) -> None:
        library = ctypes.CDLL(_sqlite3.__file__)
        try:
            find, self._register = library.sqlite3_vfs_find, library.sqlite3_vfs_register
        except AttributeError:
            raise WrongSqlite("This Python has its SQLite inside: its files can't be recorded.") from None
        find.restype = c_void_p
        self._register.argtypes = [c_void_p, c_int]
        self._original = _Vfs.from_address(find(None))
        self._vfs = _Vfs.from_buffer_copy(self._original)
        self._vfs.name = b"faulty"
        self._vfs.open, self._vfs.delete = _OPEN(self._open), _DELETE(self._delete)
        self._tables: dict[int, tuple[_Methods, Any]] = {}
        self._names: dict[int, str] = {}
        self.steps: list[Step] = []
        # Whether this call (open, write, truncate, sync) fails; None is success, else SQLite's code.
        self.fault: Callable[[str], int | None] = lambda kind: None

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Every connection that this process opens meanwhile goes through here; all are closed before the end."""
        self._register(ctypes.addressof(self._vfs), 1)
        try:
            yield
        finally:
            self._register(ctypes.addressof(self._original), 1)
            _alive.append(self)

    def note(self, number: int) -> None:
        """An acknowledgement was given."""
        self.steps.append(Step("acknowledged", number=number))

    def _open(self, _: int, name: int, file: int, flags: int, out: int) -> int:
        kind = {MAIN_DB: "db", WAL: "wal"}.get(flags & (MAIN_DB | WAL))
        if kind is not None and (code := self.fault("open")) is not None:
            # The original clears the table, so that nothing is closed.
            ctypes.memset(file, 0, ctypes.sizeof(_File))
            return code
        code = int(self._original.open(ctypes.addressof(self._original), name, file, flags, out))
        if code == OK and kind is not None:
            self._names[file] = kind
            there = _File.from_address(file)
            there.methods = ctypes.pointer(self._table(there.methods)[0])
        return code

    def _table(self, original: Any) -> tuple[_Methods, Any]:
        address = ctypes.addressof(original.contents)
        if address not in self._tables:
            base = _Methods.from_address(address)
            copy = _Methods.from_buffer_copy(base)

            def write(file: int, data: int, size: int, offset: int) -> int:
                code = self.fault("write")
                if code is not None:
                    # A write that fails may have got half way.
                    base.write(file, data, size // 2, offset)
                    return code
                self.steps.append(Step("write", self._names[file], offset, ctypes.string_at(data, size)))
                return int(base.write(file, data, size, offset))

            def truncate(file: int, size: int) -> int:
                code = self.fault("truncate")
                if code is not None:
                    return code
                self.steps.append(Step("truncate", self._names[file], size))
                return int(base.truncate(file, size))

            def sync(file: int, _: int) -> int:
                code = self.fault("sync")
                if code is None:
                    self.steps.append(Step("sync", self._names[file]))
                return OK if code is None else code

            copy.write, copy.truncate, copy.sync = _WRITE(write), _TRUNCATE(truncate), _SYNC(sync)
            self._tables[address] = (copy, base)
        return self._tables[address]

    def _delete(self, _: int, name: bytes, synced: int) -> int:
        if name.endswith(b"-wal"):
            self.steps.append(Step("delete", "wal"))
        return int(self._original.delete(ctypes.addressof(self._original), name, synced))


# SQLite may keep pointers to what it was given for as long as the process lives.
_alive: list[FaultyVfs] = []
