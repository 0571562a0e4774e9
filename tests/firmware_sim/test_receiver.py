"""The simulated receiver speaks TCP like a real one."""

import asyncio
from datetime import UTC, datetime, timedelta

from firmware_sim.receiver import Receiver
from firmware_sim.vessels import intruder

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def first_lines(count: int) -> list[str]:
    """Connect to a receiver whose clock stands still and read."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    receiver = Receiver((intruder(60.0),), history=timedelta(minutes=10))
    serving = asyncio.create_task(
        receiver.serve("127.0.0.1", 0, ready=port.set_result, now=lambda: START)
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", await port)
    heard = [(await reader.readline()).decode() for _ in range(count)]
    writer.close()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    return heard


def test_history_comes_first() -> None:
    """An agent that connects gets the log of the last minutes at once, with its own times."""
    heard = asyncio.run(first_lines(3))
    assert all(line.startswith("\\s:SIM,c:") and line.endswith("\r\n") for line in heard)
    stated_ms = int(heard[0].split("c:")[1].split("*")[0])
    assert stated_ms < START.timestamp() * 1000
