"""Simulated seals: the same day for the same seed, stored frames, drifting clocks, the latch."""

import asyncio
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edge.seal.frame import Frame, decode
from edge.seal.keys import KeyFile, SharedSecret, authenticity
from firmware_sim.seal_attacks import cloned, flipped, reordered, replayed, rolled_back
from firmware_sim.seal_radio import SealRadio
from firmware_sim.seals import (
    Act,
    Seal,
    Sent,
    key_file,
    on_air,
    secret_of,
    standing,
    transmissions,
    yard,
)
from haechi.ids import container
from haechi.seals import Authenticity, SealEventKind

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = 3600.0
_E = SealEventKind


def seal(**stated: Any) -> Seal:
    """Return a seal that is armed and locked at the beginning and reports every five minutes."""
    one = Seal(
        number="SIM-000001",
        key=SharedSecret(secret_of("SIM-000001", 7)),
        way=standing(35.1, 129.0),
        acts=(Act(0, _E.ARMED), Act(5, _E.LOCK)),
        begins_s=60.0,
        drain_percent_per_day=0.0,
    )
    return replace(one, **stated)


def sent(one: Seal, until_s: float = HOUR) -> list[tuple[Sent, Frame]]:
    """Return what is on the air, and what it says."""
    return [(each, decode(each.raw).frame) for each in transmissions(one, START, until_s)]


def test_the_same_seed_gives_the_same_bytes() -> None:
    """And another one others; every frame is numbered, signed, and heard in order."""
    day = list(on_air(yard(12, 7), START, HOUR))
    assert day == list(on_air(yard(12, 7), START, HOUR))
    assert day != list(on_air(yard(12, 8), START, HOUR))
    assert [one.second for one in day] == sorted(one.second for one in day)
    assert len({decode(one.raw).frame.number for one in day}) == 12
    for one in yard(3, 7):
        assert container(one.container or "")
        counters = [frame.counter for _, frame in sent(one)]
        assert counters == [*range(1, len(counters) + 1)]


def test_the_gateway_knows_simulated_seals_by_the_file_of_keys(tmp_path: Path) -> None:
    """Whose seed is known; the secrets are of no worth."""
    path = tmp_path / "sim.keys"
    path.touch(mode=0o600)
    path.write_text(key_file(["SIM-000001"], 7))
    keys = KeyFile(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for one, _ in sent(seal()):
        assert authenticity(decode(one.raw), keys.keys_of) is Authenticity.VALID


def test_the_latch_only_counts_up() -> None:
    """Opened, locked, opened, locked: two openings, and sealed again."""
    acts = (*seal().acts, *(Act(s, e) for s in (500, 900) for e in (_E.UNLOCK,)))
    acts += (Act(600, _E.LOCK), Act(1000, _E.LOCK), Act(1100, _E.DISARMED))
    frames = [frame for _, frame in sent(seal(acts=acts))]
    openings = [frame.openings for frame in frames]
    assert openings == sorted(openings)
    assert (frames[-1].openings, frames[-1].sealed, frames[-1].armed) == (2, True, False)


def test_what_nobody_hears_is_stored_with_its_time() -> None:
    """Six hours out of reach: nothing for six hours, then all of it at once, in order."""
    away = (600.0, 600.0 + 6 * HOUR)
    frames = sent(seal(unheard=(away,), acts=(*seal().acts, Act(HOUR, _E.TAMPERING))), 8 * HOUR)
    assert not [one for one, _ in frames if away[0] <= one.second < away[1]]
    stored = [(one, frame) for one, frame in frames if away[1] <= one.second < away[1] + 60]
    assert len(stored) > 70
    assert any(
        frame.event is _E.TAMPERING and frame.at == START + timedelta(hours=1)
        for _, frame in stored
    )
    assert [frame.counter for _, frame in frames] == [*range(1, len(frames) + 1)]


def test_jamming_is_noted_and_sent_afterwards() -> None:
    """The seal knows it when it happens and can say it when it is over."""
    frames = sent(seal(jammed=((600.0, 1200.0),)))
    ((heard, noted),) = [(one, f) for one, f in frames if f.event is _E.JAMMING]
    assert noted.at == START + timedelta(seconds=600)
    assert 1200 <= heard.second < 1201


def test_clock_battery_and_temperature_are_its_own() -> None:
    """A clock that drifts, a battery that empties and then says nothing, a limit that is passed."""
    drifting = sent(seal(clock_ahead_s=2.0, clock_drift_ppm=100.0))[-1]
    assert drifting[1].at - START == pytest.approx(
        timedelta(seconds=drifting[0].second * 1.0001 + 2), abs=timedelta(milliseconds=1)
    )
    empty = sent(seal(battery_percent=20.5, drain_percent_per_day=24.0), 86_400.0)
    assert [f.event for _, f in empty].count(_E.LOW_BATTERY) == 1
    assert empty[-1][0].second < 20.5 * HOUR
    cold = sent(seal(temperatures=((0.0, -20.0), (900.0, -40.0))))
    assert [f.event for _, f in cold].count(_E.TEMPERATURE) == 1
    assert {f.centicelsius for _, f in cold} == {-2000, -4000}


def test_an_adversary_makes_of_the_same_frames_what_it_says() -> None:
    """Copies later, one bit each, another order, a second seal, an earlier memory."""
    frames = list(transmissions(seal(), START, HOUR))
    copies = replayed(frames, [0, 1], 1000)
    assert len(copies) == len(frames) + 2
    for original, damaged in zip(frames, flipped(frames, 1), strict=True):
        bits = int.from_bytes(original.raw, "big") ^ int.from_bytes(damaged.raw, "big")
        assert bits.bit_count() == 1
    assert {one.raw for one in reordered(frames, 1)} == {one.raw for one in frames}
    second = cloned(seal(), begins_s=600, counter=5)
    assert next(transmissions(second, START)).second == 600
    back = [decode(one.raw).frame.counter for one in _rolled_back()]
    assert back.count(5) == 2


def test_the_radio_serves_frames_when_they_are_due() -> None:
    """To whoever has connected; what was made before comes at once."""

    async def listen() -> bytes:
        port = asyncio.get_running_loop().create_future()
        radio = SealRadio([seal(begins_s=-600.0, acts=(Act(-700, _E.ARMED),))])
        serving = asyncio.create_task(
            radio.serve("127.0.0.1", 0, ready=port.set_result, now=lambda: START)
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", await port)
        heard = await reader.readexactly(2 * len(first))
        writer.close()
        serving.cancel()
        return heard

    first = next(transmissions(seal(acts=(Act(-700, _E.ARMED),), begins_s=-600.0), START)).raw
    heard = asyncio.run(listen())
    assert heard.startswith(first)
    assert decode(heard[len(first) :]).frame.counter == 2


def _rolled_back() -> list[Sent]:
    return rolled_back(seal(), START, at_s=HOUR, to_frame=3, until_s=2 * HOUR)
