"""What can be done to a device in which state, and what follows for its certificates."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.broker.names import Enrolment
from ingest.broker.register import (
    TRANSITIONS,
    Act,
    Device,
    Issued,
    NotLawfulError,
    State,
    acted,
    admitted,
    denied,
    dump,
    given,
    parse,
    retired,
    withdrawn,
)
from tests.ingest.broker.rig import NOW

CAMERA = Enrolment("busan", "cam-01")
GUIDE = Path(__file__).parents[3] / "docs" / "devices.md"
DAY = timedelta(days=1)


def issued(serial: str = "a1") -> Issued:
    """Return a certificate of a year."""
    return Issued(serial, NOW, NOW + 365 * DAY)


def active() -> Device:
    """Return a device with one certificate."""
    return given(acted(None, CAMERA, Act.ENROLL, NOW), issued(), others_retire_at=NOW)


def serials(device: Device) -> list[tuple[int, bool]]:
    """Return which certificates must be refused, and whether that may end."""
    return [(each.serial, each.on_hold) for each in withdrawn({device.device: device})]


def test_the_guide_shows_the_rule() -> None:
    """The table of states in the guide is the table of the code."""
    head, _, *rows = re.findall(r"^\|(.*)\|$", GUIDE.read_text(), re.MULTILINE)[:7]
    columns = [Act(cell.strip()) for cell in head.split("|")[2:]]
    shown: dict[State | None, dict[Act, State]] = {}
    for row in rows:
        name, _, *cells = (cell.strip() for cell in row.split("|"))
        state = None if name == "not known" else State(name)
        shown[state] = {act: State(cell) for act, cell in zip(columns, cells, strict=True) if cell}
    assert shown == TRANSITIONS


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("act", list(Act))
def test_what_the_table_does_not_have_is_refused(state: State, act: Act) -> None:
    """With what can be done instead."""
    device = Device("busan", "cam-01", state, NOW)
    then = TRANSITIONS[state].get(act)
    if then is None:
        with pytest.raises(NotLawfulError, match=f"is {state}: cannot {act}, only "):
            acted(device, CAMERA, act, NOW)
    else:
        assert acted(device, CAMERA, act, NOW).state is then


def test_a_device_moves_to_another_site_only_once_it_is_revoked() -> None:
    """Its certificate does not name the site."""
    elsewhere, pending = Enrolment("jeju", "cam-01"), Device("busan", "cam-01", State.PENDING, NOW)
    with pytest.raises(NotLawfulError, match="belongs to busan, not jeju"):
        acted(pending, elsewhere, Act.ENROLL, NOW)
    revoked = acted(pending, CAMERA, Act.REVOKE, NOW)
    assert acted(revoked, elsewhere, Act.ENROLL, NOW).site == "jeju"


def test_a_suspension_ends_and_a_revocation_does_not() -> None:
    """On hold is one thing, withdrawn another; neither may speak."""
    held = acted(active(), CAMERA, Act.SUSPEND, NOW)
    assert serials(held) == [(0xA1, True)]
    assert (admitted({"cam-01": held}), [*denied({"cam-01": held})]) == (frozenset(), [held])
    assert serials(acted(held, CAMERA, Act.RESUME, NOW)) == []
    revoked = acted(held, CAMERA, Act.REVOKE, NOW)
    assert serials(revoked) == [(0xA1, False)]
    again = given(acted(revoked, CAMERA, Act.ENROLL, NOW), issued("b2"), others_retire_at=NOW)
    assert serials(again) == [(0xA1, False)]
    assert [*denied({"cam-01": again})] == []


def test_an_old_certificate_gives_way_when_its_time_has_come() -> None:
    """A second rotation may bring that forward and never puts it off."""
    turned = given(active(), issued("b2"), others_retire_at=NOW + DAY)
    turned = given(turned, issued("c3"), others_retire_at=NOW + 2 * DAY)
    assert serials(retired(turned, NOW + DAY - timedelta(seconds=1))) == []
    assert serials(retired(turned, NOW + DAY)) == [(0xA1, False)]
    assert serials(retired(turned, NOW + 2 * DAY)) == [(0xA1, False), (0xB2, False)]
    assert retired(turned, NOW + 9 * DAY).current == issued("c3")


def test_the_register_is_read_as_it_was_written() -> None:
    """And a device that stands there twice is an error."""
    written = dump({"cam-01": active()})
    assert parse(written.splitlines()) == {"cam-01": active()}
    with pytest.raises(ValueError, match="line 2: cam-01 is there twice"):
        parse((written + written).splitlines())
