"""Signaling passes within a pair only, as it came, in order."""

from __future__ import annotations

from typing import Any

from tests.sockets.scene import VISIT, Page, Scene


async def heard_after(sender: Page, receiver: Page) -> list[Any]:
    """The signals that the receiver has heard, once all that was sent before has arrived."""
    await sender.done("quality", grade="fair")
    await receiver.until("peer_quality", grade="fair")
    return [argument["arguments"] for event, argument in receiver.heard if event == "signal"]


async def test_signals_pass_in_order_and_unchanged(scene: Scene) -> None:
    caregiver, client = await scene.both()
    payloads: list[dict[str, Any]] = [{"n": n, "candidate": {"candidate": "Ä" * n}} for n in range(60)]
    for payload in payloads:
        await caregiver.sio.emit("signal", ("1.1.1", payload))
    assert await heard_after(caregiver, client) == [["1.1.1", payload] for payload in payloads]
    await client.sio.emit("signal", ("1.1.1", {"answer": None}))
    assert await heard_after(client, caregiver) == [["1.1.1", {"answer": None}]]


async def test_signals_of_another_pair_are_dropped(scene: Scene) -> None:
    caregiver, client = await scene.both()
    for pair in ("1.1.2", "1.1.0", "2.1.1", "1.1", "", "1.1.1 "):
        await caregiver.sio.emit("signal", (pair, {"n": 1}))
    assert await heard_after(caregiver, client) == []
    assert scene.sockets.counts["signal of another pair"] == 6


async def test_a_page_that_was_replaced_passes_nothing(scene: Scene) -> None:
    caregiver, client = await scene.both()
    tablet = await scene.page("client")
    await tablet.join("leg-c")
    await client.until("replaced")
    await client.sio.emit("signal", ("1.2.1", {"n": 1}))
    assert await client.refused("quality", grade="good") == "leg_replaced"
    assert await heard_after(tablet, caregiver) == []


async def test_signals_to_nobody_are_dropped(scene: Scene) -> None:
    caregiver, client = await scene.both()
    await scene.drop(client)
    await caregiver.sio.emit("signal", ("1.1.1", {"n": 1}))
    await caregiver.done("quality", grade="good")
    assert scene.sockets.counts["signal to nobody"] == 1


async def test_what_is_no_signal_ends_the_connection(scene: Scene) -> None:
    _, client = await scene.both()
    nonsense: list[tuple[Any, ...]] = [
        ("1.1.1",),
        ("1.1.1", "x"),
        ("1.1.1", None),
        (1, {}),
        ("1.1.1", {}, {}),
        ("", []),
    ]
    for arguments in nonsense:
        page = await scene.page("caregiver")
        await page.join("leg-a", resume=True)
        await page.sio.emit("signal", arguments)
        await page.until_closed()
    assert not [event for event, _ in client.heard if event == "signal"]


async def test_a_signal_is_not_answered(scene: Scene) -> None:
    caregiver, _ = await scene.both()
    answer = await caregiver.sio.call("signal", ("1.1.1", {}), timeout=5)
    assert answer["error"]["code"] == "validation_failed"


async def test_a_new_try_is_told_to_both(scene: Scene) -> None:
    caregiver, client = await scene.both()
    await client.done("renegotiate", pair="1.1.1")
    await caregiver.until("peer_changed", role="client", pair="1.1.2")
    await client.until("peer_changed", role="caregiver", pair="1.1.2")
    await caregiver.done("renegotiate", pair="1.1.1")
    await caregiver.until("peer_changed", role="client", pair="1.1.2")
    await caregiver.sio.emit("signal", ("1.1.2", {"n": 1}))
    assert await heard_after(caregiver, client) == [["1.1.2", {"n": 1}]]
    assert await client.refused("renegotiate", pair="01.1.2") == "validation_failed"
    assert await client.refused("renegotiate", pair="1.1.2\n") == "validation_failed"
    assert VISIT
