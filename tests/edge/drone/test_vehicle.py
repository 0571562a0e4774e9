"""A vehicle: what its messages become, how often, and what happens to it."""

import struct
from datetime import timedelta
from importlib import import_module
from math import cos, radians, sin
from random import Random
from typing import Any

import msgspec
import pytest

from edge.drone import phrases
from edge.drone.gaze import Gaze, Lens
from edge.drone.mavlink import Message, Reader, message
from edge.drone.telemetry import READ
from edge.drone.vehicle import Vehicle
from edge.measured import Measured
from haechi.cameras import CameraView
from haechi.drones import DroneEvent, DroneEventKind, DronePosition
from haechi.messages import Reading, encode
from tests.edge.drone.speaking import NOON, beat, position, sent

Heard = list[tuple[float, Message]]


def vehicle(*, every_s: float = 0, lens: Lens | None = None) -> Vehicle:
    """Return a drone that has said nothing yet."""
    return Vehicle("drone-1", every_s=every_s, gaze=Gaze("drone-1", lens) if lens else None)


def said(heard: Heard, drone: Vehicle | None = None) -> list[Measured]:
    """Return what is said of messages at these seconds."""
    drone = drone or vehicle()
    found: list[Measured] = []
    for second, each in heard:
        found += drone.hear(each, NOON + timedelta(seconds=second))
    return found


def last(heard: Heard) -> DronePosition:
    """Return the last position that is said."""
    content = said([*heard, (heard[-1][0], position())])[-1].content
    assert isinstance(content, DronePosition)
    return content


def events(heard: Heard) -> list[tuple[DroneEventKind, str]]:
    """Return what is said to have happened."""
    contents = [one.content for one in said(heard)]
    return [(each.kind, each.text) for each in contents if isinstance(each, DroneEvent)]


def test_a_position_says_what_the_autopilot_says() -> None:
    """Scales, signs and names."""
    found = last([(0, beat(armed=True))])
    assert (found.lat, found.lon, found.altitude_m, found.height_m) == (35.0, 129.0, 54.0, 50.0)
    assert (found.course_deg, found.heading_deg, found.climb_m_s) == (45.0, 45.0, 1.0)
    assert found.ground_speed_m_s == pytest.approx(10, abs=0.01)
    assert (found.mode, found.armed) == ("LOITER", True)


def test_everything_else_that_is_known_goes_with_it() -> None:
    """Battery, receiver, attitude, home, ground."""
    found = last(
        [
            (0, sent(phrases.power(15.9, 81))),
            (0, sent(phrases.receiver(3, 14, error_m=0.9))),
            (0, sent(phrases.attitude(radians(10), radians(-5), 0))),
            (0, sent(phrases.home(350_000_000, 1_290_000_000, 4))),
            (0, sent(phrases.landed(is_landed=False))),
        ]
    )
    assert (found.battery_v, found.battery_percent) == (15.9, 81)
    assert (found.gps_fix, found.satellites, found.horizontal_error_m) == (3, 14, 0.9)
    assert (found.roll_deg, found.pitch_deg) == (10, -5)
    assert (found.home_lat, found.home_lon, found.landed) == (35.0, 129.0, False)


def test_what_is_unknown_is_left_out() -> None:
    """No battery monitor, no fix: neither 0 % nor a place off Africa."""
    drone = vehicle()
    heard = [(0.0, sent(phrases.power(65.535, -1))), (0.0, position(lat=0, lon=0))]
    content = said(heard, drone)[-1].content
    assert isinstance(content, DronePosition)
    assert (content.lat, content.lon, content.battery_v, content.battery_percent) == (None,) * 4
    assert drone.place is None


def test_a_value_that_is_not_renewed_grows_stale_but_for_what_lasts() -> None:
    """After half a minute a battery's charge is no longer what it is."""
    heard = [(0.0, beat(armed=True)), (0.0, sent(phrases.power(15.9, 81)))]
    assert last([*heard, (29.0, position())]).battery_percent == 81
    late = last([*heard, (31.0, position())])
    assert (late.battery_percent, late.armed) == (None, True)


def test_t1_a_clock_that_is_put_back_makes_nothing_last() -> None:
    """What was known before an hour was lived twice is not known until it is stated again."""
    drone = vehicle()
    said([(3600, beat(armed=True)), (3600, sent(phrases.power(15.9, 81)))], drone)
    content = said([(0, position())], drone)[-1].content
    assert isinstance(content, DronePosition)
    assert (content.battery_percent, content.armed) == (None, True)
    heard = [(float(at), sent(phrases.words(4, "PreArm: GPS"))) for at in (3600, 0, 1)]
    assert len(events(heard)) == 2


def test_positions_come_at_the_rate_asked_for() -> None:
    """Ten a second in, four a second out; a clock that goes back does not silence it."""
    heard = [(n / 10, position()) for n in range(100)]
    assert len(said(heard, vehicle(every_s=0.25))) == pytest.approx(34, abs=1)
    assert len(said(heard, vehicle(every_s=1))) == 10
    drone = vehicle(every_s=1)
    assert len(said([(0, position()), (-3600, position())], drone)) == 2


def test_changes_are_events_once() -> None:
    """The first state is no change."""
    rtl = 4 << 16 | 5 << 24
    heard = [(0.0, beat()), (1.0, beat(armed=True)), (2.0, beat(armed=True, mode=rtl))]
    assert events([*heard, (3.0, beat(armed=True, mode=rtl)), (4.0, beat(mode=rtl))]) == [
        (DroneEventKind.ARMED, ""),
        (DroneEventKind.MODE_CHANGED, "LOITER to RTL"),
        (DroneEventKind.DISARMED, ""),
    ]


def test_a_low_battery_is_told_once_and_again_after_it_recovered() -> None:
    """A sag around the limit is one event; a new battery begins anew."""
    levels = [26, 25, 26, 24, 29, 25, 100, 25]
    heard = [(float(n), sent(phrases.power(15, level))) for n, level in enumerate(levels)]
    assert events(heard) == [(DroneEventKind.LOW_BATTERY, "25 % left")] * 2


def test_failsafe_and_fence_are_told_when_they_begin() -> None:
    """As the autopilot says."""

    def fence(status: int) -> Message:
        made = message(
            "FENCE_STATUS", breach_status=status, breach_count=1, breach_type=3, breach_time=0
        )
        return sent(made)

    heard = [(0.0, beat()), (1.0, beat(status=5)), (2.0, beat(status=5))]
    heard += [(3.0, fence(1)), (4.0, fence(1)), (5.0, fence(0)), (6.0, fence(1))]
    assert events(heard) == [
        (DroneEventKind.FAILSAFE, "state critical, mode LOITER"),
        (DroneEventKind.GEOFENCE_BREACH, "breach: boundary"),
        (DroneEventKind.GEOFENCE_BREACH, "breach: boundary"),
    ]


def test_a_text_is_told_once_a_minute_and_its_parts_are_put_together() -> None:
    """Without what a terminal would obey; warnings go first."""
    heard = [(float(at), sent(phrases.words(4, "PreArm: GPS"))) for at in (0, 30, 61)]
    assert len(events(heard)) == 2
    assert [one.urgent for one in said([(0, sent(phrases.words(s, "x"))) for s in (4, 6)])] == [
        True
    ]
    whole = "a" * 50, "b" * 50, "c\x1b[31m"
    parts = [
        sent(message("STATUSTEXT", severity=6, text=text.encode(), id=9, chunk_seq=n))
        for n, text in enumerate(whole)
    ]
    assert events([(0.0, part) for part in parts]) == [
        (DroneEventKind.STATUS_TEXT, "a" * 50 + "b" * 50 + "c[31m")
    ]


def test_an_event_has_the_place_where_it_happened() -> None:
    """Where that is known."""
    found = said([(0, position()), (0, beat()), (1, beat(armed=True))])
    content = found[-1].content
    assert isinstance(content, DroneEvent)
    assert (content.lat, content.lon) == (35.0, 129.0)


def view(*heard: Message) -> CameraView:
    """Return where the camera looks after these."""
    lens = Lens(horizontal_deg=60, vertical_deg=40)
    content = said([(0, each) for each in (*heard, position())], vehicle(lens=lens))[-1].content
    assert isinstance(content, CameraView)
    return content


def test_a_fixed_camera_looks_down_and_leans_with_the_drone() -> None:
    """At 50 m and 40 degrees high: 18.2 m before and behind."""
    level = view(sent(phrases.attitude(0, 0, 0)))
    assert level.tilt_deg == -90
    north = max(lat for _, lat in level.footprint)
    assert (north - 35) * 111_195 == pytest.approx(18.2, abs=0.1)
    leaning = view(sent(phrases.attitude(0, radians(20), radians(90))))
    assert leaning.tilt_deg == pytest.approx(-70, abs=0.01)
    assert leaning.bearing_deg == pytest.approx(90, abs=0.01)


def test_a_gimbal_goes_before_the_drones_attitude() -> None:
    """In either message, with yaw against the vehicle or against north."""
    body = sent(phrases.attitude(radians(20), 0, radians(90)))
    angles = {"time_boot_ms": 0, "roll": 0.0, "pitch": -30.0, "yaw": 10.0}
    absolute = view(body, sent(message("MOUNT_ORIENTATION", yaw_absolute=200.0, **angles)))
    assert (absolute.tilt_deg, absolute.bearing_deg) == pytest.approx((-30, 200))
    relative = view(body, sent(message("MOUNT_ORIENTATION", yaw_absolute=float("nan"), **angles)))
    assert relative.bearing_deg == pytest.approx(100)


@pytest.mark.parametrize(("flags", "bearing"), [(32, 90), (64, 0), (16, 0), (0, 90)])
def test_the_frame_of_a_gimbals_yaw_is_as_flagged(flags: int, bearing: float) -> None:
    """``GIMBAL_DEVICE_FLAGS``: in the vehicle's frame the drone's heading is added."""
    half = radians(-45) / 2
    gimbal = message(
        "GIMBAL_DEVICE_ATTITUDE_STATUS",
        target_system=0,
        target_component=0,
        time_boot_ms=0,
        flags=flags,
        q=[cos(half), 0.0, sin(half), 0.0],
        angular_velocity_x=0.0,
        angular_velocity_y=0.0,
        angular_velocity_z=0.0,
        failure_flags=0,
    )
    found = view(sent(phrases.attitude(0, 0, radians(90))), sent(gimbal))
    assert found.tilt_deg == pytest.approx(-45, abs=0.01)
    assert found.bearing_deg == pytest.approx(bearing, abs=0.01)


def test_a_camera_that_sees_sky_only_sees_no_ground() -> None:
    """Its view is said all the same."""
    up = {"time_boot_ms": 0, "roll": 0.0, "pitch": 45.0, "yaw": 0.0, "yaw_absolute": 0.0}
    assert view(sent(message("MOUNT_ORIENTATION", **up))).footprint == ()


DIALECT: Any = import_module("pymavlink.dialects.v20.ardupilotmega")
HEARD = (*READ, "STATUSTEXT", "FENCE_STATUS", "MISSION_ITEM_REACHED", "MOUNT_ORIENTATION")
lawful: msgspec.json.Decoder[Reading] = msgspec.json.Decoder(Reading)


def absurd(random: Random) -> bytes:
    """Return a sound frame of a kind that is read, with a payload that makes no sense."""
    kind = getattr(DIALECT, f"MAVLink_{random.choice(HEARD).lower()}_message")
    noise = random.randbytes(kind.unpacker.size)
    payload = random.choice((noise, bytes(random.choice((0, 127, 128, 255)) for _ in noise)))
    head = struct.pack("<BBBBBBHB", len(payload), 0, 0, 0, 1, 1, kind.id, 0)
    crc = DIALECT.x25crc(head + payload + bytes([kind.crc_extra])).crc
    return b"\xfd" + head + payload + struct.pack("<H", crc)


def test_whatever_a_drone_says_is_lawful_or_left_out() -> None:
    """No number, however absurd, ends the agent or costs an event its way to the platform."""
    random, reader = Random(1), Reader()  # noqa: S311 - not for secrets
    drone, found = vehicle(lens=Lens(horizontal_deg=60, vertical_deg=40)), list[Measured]()
    for _ in range(3000):
        for heard in reader.datagram(absurd(random)):
            found += drone.hear(heard, NOON)
    assert reader.unreadable == 0
    assert {type(one.content) for one in found} == {DronePosition, DroneEvent, CameraView}
    for one in found:
        said_so = Reading(seq=1, at=one.at, subject=one.subject, content=one.content)
        assert lawful.decode(encode(said_so)).subject == one.subject


def test_a_value_that_no_drone_can_have_costs_only_itself() -> None:
    """The rest of the position stays, and an event has no place rather than an unlawful one."""
    found = said([(0, position()), (1, position(lat=200)), (1, beat()), (2, beat(status=5))])
    where, what = found[1].content, found[-1].content
    assert isinstance(where, DronePosition)
    assert isinstance(what, DroneEvent)
    assert (where.lat, where.lon, where.height_m) == (None, None, 50.0)
    assert (what.kind, what.lat, what.lon) == (DroneEventKind.FAILSAFE, None, None)


def test_what_is_remembered_of_texts_is_bounded() -> None:
    """However many there are, and however long one is put together."""
    drone = vehicle()
    for n in range(1000):
        said([(n / 1000, sent(phrases.words(6, f"text {n}")))], drone)
        part = message("STATUSTEXT", severity=6, text=b"x" * 50, id=9, chunk_seq=n % 256)
        said([(n / 1000, sent(part))], drone)
    happenings: Any = drone._happenings  # pyright: ignore[reportPrivateUsage] - what takes the memory
    assert len(happenings._said) <= 101
    assert max(map(len, happenings._parts.values())) <= 300
