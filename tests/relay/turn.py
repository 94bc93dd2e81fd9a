"""A small TURN client (RFC 8656) that can ask for what a browser never would: any peer, in any form of address."""

from __future__ import annotations

import hashlib
import hmac
import os
import socket
import ssl
import struct
from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address

COOKIE = 0x2112A442
ALLOCATE, SEND, CREATE_PERMISSION, CHANNEL_BIND = 0x003, 0x006, 0x008, 0x009
INDICATION, SUCCESS, ERROR = 0x0010, 0x0100, 0x0110
USERNAME, INTEGRITY, ERROR_CODE, CHANNEL_NUMBER = 0x0006, 0x0008, 0x0009, 0x000C
XOR_PEER, DATA, REALM, NONCE = 0x0012, 0x0013, 0x0014, 0x0015
XOR_RELAYED, ADDRESS_FAMILY, REQUESTED_TRANSPORT = 0x0016, 0x0017, 0x0019
UDP, TCP = 17, 6
PATIENCE = 5.0

Attributes = dict[int, bytes]


class Refusal(Exception):
    """An error answer; `code` is its number."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class TurnClient:
    """One connection to a relay. `over` is udp, tcp or tls (without a look at the certificate)."""

    def __init__(self, server: tuple[str, int], username: str, password: str, over: str = "udp") -> None:
        self._user = (username, password)
        self._session: tuple[bytes, bytes] | None = None
        family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
        self._stream = over != "udp"
        self._socket = socket.socket(family, socket.SOCK_STREAM if self._stream else socket.SOCK_DGRAM)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(server)
        if over == "tls":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self._socket = context.wrap_socket(self._socket)

    def __enter__(self) -> TurnClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def allocate(self, *, ipv6: bool = False, transport: int = UDP) -> tuple[Address, int]:
        """The relayed address. Raises Refusal."""
        wanted = {REQUESTED_TRANSPORT: bytes([transport, 0, 0, 0]), ADDRESS_FAMILY: bytes([2 if ipv6 else 1, 0, 0, 0])}
        answer = self._ask(ALLOCATE, wanted)
        return self._address(answer[XOR_RELAYED])

    def permit(self, peer: str) -> None:
        """Ask for a permission. Raises Refusal."""
        self._ask(CREATE_PERMISSION, {}, peer=(peer, 0))

    def bind(self, peer: str, channel: int, port: int = 9) -> None:
        """Ask for a channel. Raises Refusal."""
        self._ask(CHANNEL_BIND, {CHANNEL_NUMBER: struct.pack("!HH", channel, 0)}, peer=(peer, port))

    def send(self, peer: tuple[str, int], data: bytes) -> None:
        """Send to a peer; nobody tells whether it went."""
        transaction = os.urandom(12)
        attributes = {XOR_PEER: _xored(peer, transaction), DATA: data}
        self._socket.sendall(_message(SEND | INDICATION, transaction, attributes))

    def _ask(self, method: int, attributes: Attributes, peer: tuple[str, int] | None = None) -> Attributes:
        try:
            return self._exchange(method, attributes, peer)
        except _Challenge as challenge:
            self._session = (challenge.realm, challenge.nonce)
            return self._exchange(method, attributes, peer)

    def _exchange(self, method: int, attributes: Attributes, peer: tuple[str, int] | None) -> Attributes:
        transaction = os.urandom(12)
        wanted = dict(attributes)
        if peer is not None:
            wanted[XOR_PEER] = _xored(peer, transaction)
        key = b""
        if self._session is not None:
            realm, nonce = self._session
            username, password = self._user
            wanted |= {USERNAME: username.encode(), REALM: realm, NONCE: nonce}
            key = hashlib.md5(b":".join((username.encode(), realm, password.encode()))).digest()
        self._socket.sendall(_message(method, transaction, wanted, key))
        kind, answer = self._receive(transaction)
        self._transaction = transaction
        if kind == method | SUCCESS:
            return answer
        assert kind == method | ERROR, hex(kind)
        code = answer[ERROR_CODE][2] * 100 + answer[ERROR_CODE][3]
        if (code == 401 and self._session is None) or code == 438:
            raise _Challenge(answer[REALM], answer[NONCE])
        raise Refusal(code)

    def _receive(self, transaction: bytes) -> tuple[int, Attributes]:
        while True:
            raw = self._read(20) if self._stream else self._socket.recv(65_536)
            kind, length = struct.unpack_from("!HH", raw)
            if self._stream:
                raw += self._read(length)
            if raw[8:20] == transaction:
                return kind, _attributes(raw[20 : 20 + length])

    def _read(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            more = self._socket.recv(count - len(found))
            if not more:
                raise ConnectionError("the relay closed the connection")
            found += more
        return found

    def _address(self, value: bytes) -> tuple[Address, int]:
        mask = struct.pack("!I", COOKIE) + self._transaction
        port = struct.unpack_from("!H", value, 2)[0] ^ (COOKIE >> 16)
        return ip_address(bytes(a ^ b for a, b in zip(value[4:], mask, strict=False))), port


class _Challenge(Exception):
    def __init__(self, realm: bytes, nonce: bytes) -> None:
        super().__init__(realm, nonce)
        self.realm = realm
        self.nonce = nonce


def _xored(peer: tuple[str, int], transaction: bytes) -> bytes:
    address = ip_address(peer[0])
    mask = struct.pack("!I", COOKIE) + transaction
    masked = bytes(a ^ b for a, b in zip(address.packed, mask, strict=False))
    return struct.pack("!BBH", 0, 1 if address.version == 4 else 2, peer[1] ^ (COOKIE >> 16)) + masked


def _message(kind: int, transaction: bytes, attributes: Attributes, key: bytes = b"") -> bytes:
    body = b"".join(_attribute(number, value) for number, value in attributes.items())
    if key:
        # The length counts the integrity that follows (RFC 8489, section 14.5).
        head = struct.pack("!HHI", kind, len(body) + 24, COOKIE) + transaction
        body += _attribute(INTEGRITY, hmac.new(key, head + body, hashlib.sha1).digest())
    return struct.pack("!HHI", kind, len(body), COOKIE) + transaction + body


def _attribute(number: int, value: bytes) -> bytes:
    return struct.pack("!HH", number, len(value)) + value + bytes(-len(value) % 4)


def _attributes(body: bytes) -> Attributes:
    found: Attributes = {}
    while body:
        number, length = struct.unpack_from("!HH", body)
        found.setdefault(number, body[4 : 4 + length])
        body = body[4 + length + -length % 4 :]
    return found
