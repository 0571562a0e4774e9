"""A scenario on air: three radios on one clock, which begins when all are listened to."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from edge.ais.reading import Counts, NmeaReader
from edge.readings import JsonReader
from edge.seal.stream import Frames
from edge.sources import forget
from firmware_sim import stage
from firmware_sim.scenario import find

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = msgspec.structs.replace(find("seal-opened-at-anchorage"), lasts_s=600)


async def heard(names: tuple[str, ...]) -> dict[str, bytes]:
    """Listen to some radios until they fall silent; the clock is always late enough."""
    opened: asyncio.Future[dict[str, int]] = asyncio.get_running_loop().create_future()
    times = iter([START])
    serving = asyncio.create_task(
        stage.serve(
            DAY,
            "127.0.0.1",
            opened.set_result,
            now=lambda: next(times, START + timedelta(days=1)),
        )
    )
    ports = await opened
    connections = {n: await asyncio.open_connection("127.0.0.1", ports[n]) for n in names}
    if len(names) == len(stage.RADIOS):
        await serving
    else:
        await asyncio.sleep(0)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    said = {name: await _all(reader) for name, (reader, _) in connections.items()}
    for _, writer in connections.values():
        writer.close()
    return said


async def _all(reader: asyncio.StreamReader) -> bytes:
    try:
        return await asyncio.wait_for(reader.read(10_000_000), 5)
    except TimeoutError:
        return b""


def test_every_radio_says_what_its_agent_understands() -> None:
    """Sentences, frames and readings, dated from one beginning."""
    said = asyncio.run(heard(stage.RADIOS))
    nmea = NmeaReader()
    ships = [found for line in said["ais"].splitlines() if (found := nmea.feed(line))]
    frames = Frames().feed(said["seals"])
    orders = [JsonReader(forget, Counts()).feed(each) for each in said["registry"].splitlines()]
    assert {found.subject for found in ships} == {"mmsi:622123101"}
    assert all(START <= found.at < START + timedelta(seconds=600) for found in ships)
    assert frames
    assert not any(isinstance(piece, bytes) for piece in frames)
    assert [each.subject for each in orders if each] == [
        "seal:EG-000101",
        "seal:EG-000102",
        "seal:EG-000102",
    ]


@pytest.mark.parametrize("names", [(), ("ais",), ("ais", "seals")])
def test_the_day_does_not_begin_before_all_are_listened_to(names: tuple[str, ...]) -> None:
    """Otherwise an agent that starts late would miss its beginning."""
    assert asyncio.run(heard(names)) == dict.fromkeys(names, b"")
