"""Cameras of a scenario: what they show is where the ships are, as a stream that can be watched."""

import asyncio
from datetime import UTC, datetime
from threading import Event

from msgspec.structs import replace

from edge.cctv.films import open_film
from edge.cctv.frames import Frame
from firmware_sim.broadcast import Broadcast, utc_now
from firmware_sim.cast import Truck
from firmware_sim.filmed_day import Filmed
from firmware_sim.scenario import find

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
NIGHT = find("dark-meeting")


def test_ships_stand_where_they_are_and_burn_the_lamps_they_burn() -> None:
    """Also the one whose transponder is off."""
    scene = Filmed(NIGHT, NIGHT.camera[0]).scene(1200, START)
    ships = {actor.subject: actor for actor in scene.actors}
    assert set(ships) == {"mmsi:440123060", "mmsi:440999060"}
    assert [ships[each].is_lit for each in sorted(ships)] == [True, False]
    places = [actor.stance(NIGHT.at(1200, START))[:2] for actor in scene.actors]
    (lat, lon), (other_lat, other_lon) = places
    assert abs(lat - other_lat) + abs(lon - other_lon) < 0.002
    assert scene.weather.daylight == 0


def test_people_and_trucks_stand_on_the_quay_before_a_camera() -> None:
    """Each as what it is, and as high as the quay."""
    watched = find("watched-breakwater")
    quay = next(camera for camera in watched.camera if camera.name == "quay")
    lorry = Truck(name="t-1", way=watched.person[0].way, speeds_kn=((0, 10.0),))
    scene = Filmed(replace(watched, truck=(lorry,)), quay).scene(30, START)
    ashore = {actor.subject: actor for actor in scene.actors if actor.base_m}
    assert {each: actor.kind for each, actor in ashore.items()} == {
        "person:stranger": "person",
        "person:docker": "person",
        "truck:t-1": "truck",
    }
    assert {actor.base_m for actor in ashore.values()} == {watched.quay[0].height_m}
    assert len(scene.quays) == 1


def test_an_agent_sees_the_stream_of_a_camera() -> None:
    """Each picture of the size that was asked for, in the order of its time."""
    camera = replace(NIGHT.camera[0], fps=10, width_px=320, height_px=180)
    day = replace(NIGHT, camera=(camera,), lasts_s=60)

    def seen(port: int) -> list[Frame]:
        stopped, found = Event(), list[Frame]()
        for frame in open_film(f"tcp://127.0.0.1:{port}").frames(stopped):
            found.append(frame)
            if len(found) == 3:
                stopped.set()
        return found

    async def watched() -> list[Frame]:
        async with Broadcast() as radio:
            port = await radio.open("127.0.0.1", 0)
            looking = asyncio.create_task(asyncio.to_thread(seen, port))
            await radio.heard.wait()
            start = utc_now()
            showing = asyncio.create_task(radio.run(Filmed(day, camera).stream(start), start))
            frames = await asyncio.wait_for(looking, 30)
            showing.cancel()
            return frames

    frames = asyncio.run(watched())
    assert [frame.pixels.shape for frame in frames] == [(180, 320, 3)] * 3
    assert frames[0].at < frames[1].at < frames[2].at
