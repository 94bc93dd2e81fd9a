"""Growing pauses after wrong passwords, of a kind that an outsider can't turn into a lock-out.

Failures are counted for an email together with where they come from: a device that this employee has signed in on
before, else the network of origin. Five are free; then each doubles the pause, up to a quarter of an hour, and
nothing is checked before it is over. So a guesser is slowed down wherever they sit, and the person themselves still
gets in: on their own device at once, on a new one from any network but the guesser's.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from datetime import datetime, timedelta

from signaling.errors import Code, Refused

FREE = 5
LONGEST = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
SOURCES_MAX = 50_000

Source = tuple[str, str]


class Attempts:
    """Failed sign-ins by (email, device or network), in memory."""

    def __init__(self) -> None:
        self._failed: OrderedDict[Source, tuple[int, datetime]] = OrderedDict()

    def begin(self, source: Source, now: datetime) -> None:
        """Count an attempt as failed until `succeeded` says otherwise, so that parallel ones are counted too.

        Raises Refused(TOO_MANY_REQUESTS) with `retryAfter` seconds while the pause lasts.
        """
        count, last = self._failed.get(source, (0, now))
        if now - last > FORGOTTEN_AFTER:
            count = 0
        wait = last + pause(count) - now
        if count and wait > timedelta(0):
            raise Refused(Code.TOO_MANY_REQUESTS, retryAfter=math.ceil(wait.total_seconds()))
        self._failed[source] = (count + 1, now)
        self._failed.move_to_end(source)
        while len(self._failed) > SOURCES_MAX:
            self._failed.popitem(last=False)

    def succeeded(self, source: Source) -> None:
        """The password was right: start again from nothing."""
        self._failed.pop(source, None)

    def not_checked(self, source: Source) -> None:
        """The password could not be checked: the attempt does not count."""
        found = self._failed.pop(source, None)
        if found is not None and found[0] > 1:
            self._failed[source] = (found[0] - 1, found[1])


def pause(failures: int) -> timedelta:
    """How long to wait after this many failures: 1 s after the sixth, then 2, 4, ..."""
    if failures <= FREE:
        return timedelta(0)
    return min(LONGEST, timedelta(seconds=2 ** min(failures - FREE - 1, 20)))
