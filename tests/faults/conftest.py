"""Faults on purpose. The short form runs with the suite; `--full` measures, and writes docs/reliability.md."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.faults.figures import Figures
from tests.faults.vfs import FaultyVfs, WrongSqlite

FIGURES = pytest.StashKey[Figures]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="tests/faults: the full form, with docs/reliability.md")
    parser.addoption("--seed", type=int, help="tests/faults: repeat a run by the seed that it printed")


def pytest_configure(config: pytest.Config) -> None:
    given = config.getoption("--seed", None)
    config.stash[FIGURES] = Figures(random.randrange(2**32) if given is None else given)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    # A part of the tests would make a part of the document.
    whole = session.config.getoption("--full", False) and not session.config.getoption("keyword")
    if whole and exitstatus == 0:
        session.config.stash[FIGURES].write()


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--full", False))


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    return request.config.stash[FIGURES]


@pytest.fixture
def dice(figures: Figures) -> random.Random:
    """The test's own randomness; its seed is printed."""
    print(f"seed {figures.seed}")
    return random.Random(figures.seed)


@pytest.fixture
def vfs(full: bool) -> Iterator[FaultyVfs]:
    """SQLite's files in this process, recorded and made to fail, while the test lasts."""
    try:
        vfs = FaultyVfs()
    except WrongSqlite as why:
        if full:
            raise
        pytest.skip(str(why))
    with vfs.installed():
        yield vfs
