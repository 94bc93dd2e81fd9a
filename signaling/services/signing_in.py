"""Signing in and out, and who is signed in now (SPEC §2, DESIGN §3.9). Only digests of the cookies are stored."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from signaling.domain.visit import Employee
from signaling.errors import Code, Refused
from signaling.ports import Clock, Database, Fact, Notifier, SignIn, Unit
from signaling.services.attempts import Attempts
from signaling.services.device import Devices
from signaling.services.hashing import Hashing
from signaling.services.passwords import check_password, needs_new_hash
from signaling.services.registers import checked
from signaling.services.tokens import digest

TOUCH_EVERY = timedelta(minutes=1)
# Passwords from unknown devices of one network that are checked or wait at a time: less than half of the queue.
AT_ONCE = 8


class InCall(Protocol):
    """Which employees are in a call now."""

    def in_call(self, employee: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh sign-in: the cookie's secret and the device's new mark; neither is stored."""

    employee: Employee
    secret: str
    device: str


class SigningIn:
    """Sign-ins of employees. One that is idle for `idle` ends, unless its employee is in a call."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        notifier: Notifier,
        in_call: InCall,
        hashing: Hashing,
        devices: Devices,
        idle: timedelta,
    ) -> None:
        self._db = db
        self._clock = clock
        self._notifier = notifier
        self._in_call = in_call
        self._hashing = hashing
        self._devices = devices
        self._idle = idle
        self._attempts = Attempts()
        self._checking: Counter[str] = Counter()
        # Sign-ins that are not idle, so that a call keeps them alive while only the socket speaks.
        self._seen: dict[bytes, tuple[str, datetime]] = {}

    async def sign_in(
        self, email: str, password: str, *, network: str, device: str | None, replaces: str | None
    ) -> SignedIn:
        """A new sign-in; the one whose secret is `replaces`, from the same browser, ends.

        Raises Refused(WRONG_CREDENTIALS), the same and after the same time for a wrong password, an unknown email and
        an account that is switched off; Refused(TOO_MANY_REQUESTS) by the rule of `attempts`, or while too many wait.
        """
        kept = await self._db.read(lambda unit: _by_email(unit, email))
        employee, hashed = kept if kept is not None else (None, None)
        known = employee is not None and self._devices.known(device, employee.id)
        source = (email.strip().casefold(), f"device {device}" if known else f"network {network}")
        self._attempts.begin(source, self._clock.now())
        try:
            right = await self._matches(hashed, password, None if known else network)
        except Refused:
            self._attempts.not_checked(source)
            raise
        if not right or employee is None or hashed is None or not employee.active:
            raise Refused(Code.WRONG_CREDENTIALS)
        self._attempts.succeeded(source)
        new_hash = await self._hashing.hash(password) if needs_new_hash(hashed) else None
        return await self._begin(employee.id, hashed, new_hash, replaces)

    async def _matches(self, hashed: str | None, password: str, network: str | None) -> bool:
        """Check a password; `network` is None on a device that its owner has signed in on before."""
        if network is None:
            return await self._hashing.matches(hashed, password, stranger=False)
        if self._checking[network] >= AT_ONCE:
            raise Refused(Code.TOO_MANY_REQUESTS, retryAfter=1)
        self._checking[network] += 1
        try:
            return await self._hashing.matches(hashed, password)
        finally:
            self._checking[network] -= 1
            if not self._checking[network]:
                del self._checking[network]

    async def _begin(self, id: str, hashed: str, new_hash: str | None, replaces: str | None) -> SignedIn:
        secret = secrets.token_urlsafe(32)
        now = self._clock.now()

        def work(unit: Unit) -> Employee:
            kept = unit.people.employee(id)
            # Hashing takes a while: the account may have been switched off or got another password meanwhile.
            if kept is None or not kept.value.active or unit.people.password_hash(id) != hashed:
                raise Refused(Code.WRONG_CREDENTIALS)
            if new_hash is not None:
                unit.people.set_password_hash(id, new_hash)
            if replaces is not None:
                unit.people.remove_sign_in(digest(replaces))
            unit.people.add_sign_in(digest(secret), SignIn(id, now, now))
            return kept.value

        employee = await self._db.write(work)
        self._seen[digest(secret)] = (id, now)
        return SignedIn(employee, secret, self._devices.mark(id))

    async def employee(self, secret: str, *, unattended: bool = False) -> Employee | None:
        """Who is signed in with this secret; None if nobody is, any more.

        Notes that they were seen, unless their page asks `unattended`: an open page is nobody at work.
        """
        key = digest(secret)
        now = self._clock.now()
        found = await self._db.read(lambda unit: _of_sign_in(unit, key))
        if found is None:
            self._seen.pop(key, None)
            return None
        sign_in, employee = found
        idle = now - sign_in.seen_at
        if not employee.active or (idle > self._idle and not self._in_call.in_call(employee.id)):
            await self._end(key, employee.id)
            return None
        if unattended:
            return employee
        self._seen[key] = (employee.id, now)
        if idle >= TOUCH_EVERY:
            await self._touch([key], now)
        return employee

    async def sign_out(self, secret: str) -> None:
        """End the sign-in; again changes nothing."""
        key = digest(secret)
        found = await self._db.read(lambda unit: _of_sign_in(unit, key))
        if found is not None:
            await self._end(key, found[1].id)

    async def end_idle(self) -> None:
        """End the sign-ins that are idle, so that their pages are left without anybody asking.

        Called once a minute. It notes that employees in a call were seen: idle time begins after the call.
        """
        now = self._clock.now()
        in_call = [key for key, (employee, _) in self._seen.items() if self._in_call.in_call(employee)]
        for key in in_call:
            self._seen[key] = (self._seen[key][0], now)
        if in_call:
            await self._touch(in_call, now)
        idle = [(key, employee) for key, (employee, at) in self._seen.items() if now - at > self._idle]
        for key, employee in idle:
            await self._end(key, employee)

    async def set_password(self, employee: str, password: str) -> None:
        """Give an employee a password; whoever is signed in with the earlier one is signed out.

        Raises Refused(NOT_FOUND), Refused(VALIDATION_FAILED) naming `password`.
        """
        kept = await self._db.read(lambda unit: unit.people.employee(employee))
        if kept is None:
            raise Refused(Code.NOT_FOUND)
        known = (kept.value.name, kept.value.email, kept.value.email.partition("@")[0])
        hashed = await self._hashing.hash(checked("password", lambda text: check_password(text, *known), password))

        def work(unit: Unit) -> None:
            unit.people.set_password_hash(employee, hashed)
            unit.people.remove_sign_ins_of(employee)

        await self._db.write(work)
        self._notifier.publish([Fact("signed_out", employees=(employee,))])

    async def _touch(self, keys: list[bytes], now: datetime) -> None:
        def work(unit: Unit) -> None:
            for key in keys:
                unit.people.touch_sign_in(key, now)

        try:
            await self._db.write(work)
        except Refused as refused:
            # While nothing can be saved, what was saved can still be read.
            if refused.code is not Code.UNAVAILABLE:
                raise

    async def _end(self, key: bytes, employee: str) -> None:
        await self._db.write(lambda unit: unit.people.remove_sign_in(key))
        self._seen.pop(key, None)
        self._notifier.publish([Fact("signed_out", employees=(employee,), data={"signIn": key.hex()})])


def _by_email(unit: Unit, email: str) -> tuple[Employee, str | None] | None:
    kept = unit.people.employee_by_email(email.strip())
    return None if kept is None else (kept.value, unit.people.password_hash(kept.value.id))


def _of_sign_in(unit: Unit, key: bytes) -> tuple[SignIn, Employee] | None:
    sign_in = unit.people.sign_in(key)
    kept = unit.people.employee(sign_in.employee) if sign_in is not None else None
    return (sign_in, kept.value) if sign_in is not None and kept is not None else None
