"""A call through a real coturn only: both sides send by the relay, over each way that the settings name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.agency import Agency
from tests.e2e.browsers import PHONE, expect_media, person
from tests.e2e.postbox import Postbox, free_port
from tests.e2e.scenes import join_as_client, prepare, start_call
from tests.relay.coturn import Coturn

# The pair of candidates that the connected peer connection sends by.
SELECTED = """async () => {
  for (const peer of window.peers) {
    if (peer.connectionState !== 'connected') continue;
    const reports = await peer.getStats();
    const all = [...reports.values()];
    const id = all.find((r) => r.type === 'transport' && r.selectedCandidatePairId)?.selectedCandidatePairId;
    const pair = reports.get(id);
    if (!pair) continue;
    const {candidateType, relayProtocol} = reports.get(pair.localCandidateId);
    const local = all.filter((r) => r.type === 'local-candidate').map((r) => r.candidateType);
    const remote = reports.get(pair.remoteCandidateId).candidateType;
    return {local: candidateType, remote, by: relayProtocol, gathered: [...new Set(local)]};
  }
  return null;
}"""


@pytest.fixture(params=["udp", "tcp"])
def relayed(request: pytest.FixtureRequest, tmp_path: Path, postbox: Postbox) -> Iterator[tuple[str, Agency]]:
    """The way to the relay, and an agency that allows no other."""
    way = str(request.param)
    ice = f"""
turn_urls = ["turn:127.0.0.1:{free_port()}?transport={way}"]
turn_secrets = ["b/Zk3+0yq8sVtW1nM4cXeR7uLpHaGdTj9oKf2iQwEzY="]
relay_only = true
"""
    agency = Agency(tmp_path, postbox, ice=ice)
    coturn = Coturn(tmp_path, agency.command("turn-config", "--relay-ip", "127.0.0.1"))
    try:
        coturn.start()
        agency.start()
        yield way, agency
    finally:
        agency.stop()
        coturn.stop()


def selected(page: Page) -> Any:
    return page.evaluate(SELECTED)


def test_a_call_by_the_relay_only(relayed: tuple[str, Agency], browser: Browser) -> None:
    way, agency = relayed
    appointment = prepare(agency)
    with person(browser) as desk, person(browser, size=PHONE) as phone:
        call = appointment.open_call(desk, agency)
        start_call(call)
        client = join_as_client(phone, appointment.link)
        expect_media(call)
        expect_media(client)
        wanted = {"local": "relay", "remote": "relay", "by": way, "gathered": ["relay"]}
        assert (selected(call), selected(client)) == (wanted, wanted)
