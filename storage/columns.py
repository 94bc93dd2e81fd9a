"""How values lie in columns: times as whole microseconds since 1970-01-01 UTC, structures as JSON text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, overload

import orjson

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@overload
def micros(moment: datetime) -> int: ...
@overload
def micros(moment: datetime | None) -> int | None: ...
def micros(moment: datetime | None) -> int | None:
    """A time as its column. Raises TypeError for one without a zone: nobody knows when that is."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


@overload
def moment(column: int) -> datetime: ...
@overload
def moment(column: int | None) -> datetime | None: ...
def moment(column: int | None) -> datetime | None:
    """The time of a column, in UTC."""
    return None if column is None else _EPOCH + timedelta(microseconds=column)


def text(value: Any) -> str:
    """A structure of plain values as its column."""
    return orjson.dumps(value).decode()


def structure(column: str) -> Any:
    """The structure of a column."""
    return orjson.loads(column)
