"""Invented days as data: who does what when, and what should be found. Read from TOML.

The file is checked whole before anything moves. ``docs/scenarios.md`` explains every key.
"""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from firmware_sim.cast import (
    Closure,
    Crowd,
    Flyer,
    Land,
    Lookout,
    Part,
    Second,
    Ship,
    Truck,
    Truth,
    Walker,
)
from haechi.fields import Moment

SHIPPED: Final = Path(__file__).parent / "scenarios"
"""The scenarios that come with Haechi."""


class ScenarioError(ValueError):
    """A scenario cannot be used; the text says where, what is wrong and what to do."""


class Scenario(Part, frozen=True, kw_only=True):
    """One invented day."""

    name: str = ""
    """Of the file, without its ending."""
    title: Annotated[str, Meta(max_length=100)]
    story: Annotated[str, Meta(max_length=1000)] = ""
    seed: Annotated[int, Meta(ge=0, le=2**31)] = 1
    starts: Moment
    """When second 0 is in a recording of it; live it is when it is started."""
    lasts_s: Annotated[float, Meta(gt=0, le=2_678_400)]
    scored_s: Annotated[float, Meta(gt=0, le=2_678_400)] | None = None
    """How much of it is scored; all of it unless stated."""
    history_s: Annotated[float, Meta(ge=0, le=86_400)] = 0
    """How long before second 0 it begins."""
    vessel: tuple[Ship, ...] = ()
    crowd: Crowd | None = None
    seal: tuple[Closure, ...] = ()
    drone: Annotated[tuple[Flyer, ...], Meta(max_length=50)] = ()
    camera: Annotated[tuple[Lookout, ...], Meta(max_length=20)] = ()
    truck: tuple[Truck, ...] = ()
    person: Annotated[tuple[Walker, ...], Meta(max_length=100)] = ()
    quay: Annotated[tuple[Land, ...], Meta(max_length=20)] = ()
    """Trucks and people before cameras stand as high as the highest of them."""
    weather: Literal["day", "night", "fog", "rain"] = "day"
    """Before the cameras."""
    zones: tuple[dict[str, Any], ...] = ()
    """GeoJSON features that are added to the default zones."""
    truth: tuple[Truth, ...] = ()

    def at(self, second: float, start: datetime | None = None) -> datetime:
        """Return the moment of a second."""
        return (start or self.starts) + timedelta(seconds=second)


def shipped() -> list[str]:
    """Return the names of the scenarios that come with Haechi."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def find(name: str) -> Scenario:
    """Return a shipped scenario by name, or one from a file.

    Raises:
        ScenarioError: there is none, or it is not one.
    """
    path = Path(name) if name.endswith(".toml") else SHIPPED / f"{name}.toml"
    try:
        return read(path.read_bytes(), path.stem)
    except OSError as error:
        raise ScenarioError(
            f"{name}: {error.strerror}; shipped are {', '.join(shipped())}, or name a .toml file"
        ) from error


def read(text: bytes, name: str) -> Scenario:
    """Return the scenario of a TOML text.

    Raises:
        ScenarioError: not TOML, an unknown key, a value out of range, or two of one name.
    """
    try:
        stated = tomllib.loads(text.decode())
        scenario = msgspec.convert({**stated, "name": name}, Scenario)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ScenarioError(f"{name}: not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise ScenarioError(f"{name}: {error}; docs/scenarios.md names every key") from error
    _check(scenario)
    return scenario


def _check(scenario: Scenario) -> None:
    _check_names(scenario)
    for number, truck in enumerate(scenario.truck):
        _check_speeds(truck.speeds_kn, f"{scenario.name}: $.truck[{number}]")
    for number, person in enumerate(scenario.person):
        _check_speeds(person.speeds_kn, f"{scenario.name}: $.person[{number}]")
    for number, ship in enumerate(scenario.vessel):
        _check_speeds(ship.speeds_kn, f"{scenario.name}: $.vessel[{number}]")
        if any(end <= begin for begin, end in ship.silent_s):
            where = f"{scenario.name}: $.vessel[{number}].silent_s"
            raise ScenarioError(f"{where}: each span must end after it begins")
    for number, drone in enumerate(scenario.drone):
        if bool(drone.patrol) == (drone.sweep is not None):
            where = f"{scenario.name}: $.drone[{number}]"
            raise ScenarioError(f"{where}: give either places of a patrol or a sweep")
    _check_subjects(scenario)


def _check_speeds(speeds_kn: tuple[tuple[Second, float], ...], where: str) -> None:
    seconds = [second for second, _ in speeds_kn]
    if seconds != sorted(set(seconds)):
        raise ScenarioError(f"{where}.speeds_kn: seconds must ascend")


def _check_names(scenario: Scenario) -> None:
    numbers = [ship.mmsi for ship in scenario.vessel]
    twice = {number for number in numbers if numbers.count(number) > 1}
    if twice:
        raise ScenarioError(f"{scenario.name}: MMSI {min(twice)} is used twice; give each its own")
    names = [
        *(drone.name for drone in scenario.drone),
        *(camera.name for camera in scenario.camera),
        *(truck.name for truck in scenario.truck),
        *(person.name for person in scenario.person),
    ]
    again = {name for name in names if names.count(name) > 1}
    if again:
        raise ScenarioError(f"{scenario.name}: {min(again)} is used twice; give each its own name")


def _check_subjects(scenario: Scenario) -> None:
    subjects = subjects_of(scenario)
    for number, seal in enumerate(scenario.seal):
        carriers = [seal.aboard or "", *(carrier for _, carrier in seal.moves)]
        unknown = [each for each in carriers if each and each not in subjects]
        if unknown:
            where = f"{scenario.name}: $.seal[{number}].aboard"
            raise ScenarioError(f"{where}: nobody is {unknown[0]!r}")
    for number, truth in enumerate(scenario.truth):
        if truth.subject not in subjects:
            known = ", ".join(sorted(subjects)[:20])
            where = f"{scenario.name}: $.truth[{number}].subject"
            raise ScenarioError(f"{where}: nobody is {truth.subject!r}; there are {known}")
        strange = set(truth.sensors) - sensors_of(scenario)
        if strange:
            where = f"{scenario.name}: $.truth[{number}].sensors"
            known = ", ".join(sorted(sensors_of(scenario)))
            raise ScenarioError(f"{where}: no {min(strange)!r} is in a score; known are {known}")


def subjects_of(scenario: Scenario) -> set[str]:
    """Return whom a scenario's labels can be about."""
    return {
        *(f"mmsi:{ship.mmsi}" for ship in scenario.vessel),
        *(f"seal:{seal.number}" for seal in scenario.seal),
        *(f"drone:{drone.name}" for drone in scenario.drone),
        *(f"camera:{camera.name}" for camera in scenario.camera),
        *(f"truck:{truck.name}" for truck in scenario.truck),
        *(f"person:{person.name}" for person in scenario.person),
    }


def sensors_of(scenario: Scenario) -> set[str]:
    """Return who can find something when a scenario is scored."""
    watching = [camera for camera in scenario.camera if camera.scored_fps]
    return {
        *("ais", "registry"),
        *(("seal",) if scenario.seal else ()),
        *(("truck",) if scenario.truck else ()),
        *(("drone",) if scenario.drone else ()),
        *(f"drone:{drone.name}" for drone in scenario.drone),
        *(("camera",) if watching else ()),
        *(f"camera:{camera.name}" for camera in watching),
    }
