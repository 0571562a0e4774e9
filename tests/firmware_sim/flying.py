"""Simulated drones in the air, in a thread of their own."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from queue import SimpleQueue

from firmware_sim.drone_fleet import Fleet


@contextmanager
def flying(fleet: Fleet) -> Generator[list[int]]:
    """Give the ports of drones that fly until the end of the block."""
    ports: SimpleQueue[list[int]] = SimpleQueue()
    loop = asyncio.new_event_loop()

    def run() -> None:
        task = loop.create_task(fleet.serve(ready=ports.put))
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            loop.run_until_complete(asyncio.sleep(0))  # lets the ports close
        finally:
            loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield ports.get(timeout=10)
    finally:
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
        thread.join(10)
