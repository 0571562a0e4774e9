"""Opened, disarmed, tampered with: what an order allows, and a latch that no frame takes back."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.findings import Severity
from haechi.observations import Observation
from haechi.seals import SealEventKind, SealOrderKind
from tests.analytics.sailing import METRE, square, zone_set
from tests.analytics.sealing import again, at, bind, forged, found, frame, order, spans

_E, _O = SealEventKind, SealOrderKind
GATE = zone_set(square("gate"), square("yard", north_m=50_000))
AT_GATE = {"lat": 0.5 + 500 * METRE, "lon": 0.5 + 500 * METRE}
OPENED = [("seal_opened", 200.0, None)]


def journey(*more: Observation, **stated: Any) -> list[Observation]:
    """Return a seal that is bound, armed, reports, and is opened after 200 s."""
    return [
        bind(0),
        frame(1, 10, _E.ARMED, **stated),
        frame(2, 100, **stated),
        frame(3, 200, _E.UNLOCK, openings=1, sealed=False, **stated),
        *more,
    ]


def test_an_opening_without_an_order_is_found() -> None:
    """With what it hung on and whose order that was."""
    (opened,) = found("seal_opened", journey())
    assert spans([opened]) == OPENED
    assert opened.text == (
        "Seal HAE-000001 on CSQU3054383 was opened at 2026-01-01 12:03:20 UTC: there is no order"
        " for it"
    )
    assert (opened.values["container"], opened.values["openings"]) == ("CSQU3054383", 1)
    assert opened.severity is Severity.WARNING, "the file says how urgent"


@pytest.mark.parametrize(
    ("told", "is_allowed"),
    [
        ({}, True),
        ({"valid_from": 150, "valid_to": 250}, True),
        ({"valid_from": 200, "valid_to": 200}, True),
        ({"valid_from": 201}, False),
        ({"valid_to": 199}, False),
        ({"zones": ("gate",)}, True),
        ({"zones": ("yard", "gate")}, True),
        ({"zones": ("yard",)}, False),
        ({"zones": ("gate",), "valid_from": 201}, False),
    ],
)
@pytest.mark.parametrize("kind", [_O.DISARM, _O.INSPECT])
def test_an_order_allows_it_in_its_time_and_place(
    kind: SealOrderKind,
    told: dict[str, Any],
    is_allowed: bool,  # noqa: FBT001 - a column
) -> None:
    """The window includes its ends; the place is the frame's own."""
    times: dict[str, Any] = {key: at(value) for key, value in told.items() if key != "zones"}
    allowing = order(kind, 50, **(told | times))
    opened = found("seal_opened", journey(allowing, **AT_GATE), GATE)
    assert spans(opened) == ([] if is_allowed else OPENED)
    assert all("allow" in each.text for each in opened)


def test_where_the_place_is_not_known_an_order_for_a_place_does_not_hold() -> None:
    """Else it would be enough to cover the antenna."""
    allowing = order(_O.DISARM, 50, zones=("gate",))
    assert spans(found("seal_opened", journey(allowing), GATE)) == OPENED


def test_an_order_that_was_withdrawn_or_is_of_the_journey_before_does_not_hold() -> None:
    """And only its own number withdraws it."""
    allowing = order(_O.DISARM, 20, order="D-1")
    assert found("seal_opened", journey(allowing)) == []
    withdrawn = order(_O.WITHDRAW, 150, order="D-1")
    assert spans(found("seal_opened", journey(allowing, withdrawn))) == OPENED
    other = order(_O.WITHDRAW, 150, order="D-2")
    assert found("seal_opened", journey(allowing, other)) == []
    assert spans(found("seal_opened", journey(allowing, bind(150)))) == OPENED


def test_an_order_of_a_gateway_is_not_heeded() -> None:
    """Whoever has a gateway in hand cannot open seals with it."""
    allowing = order(_O.DISARM, 50, device="gate-1")
    assert spans(found("seal_opened", journey(allowing))) == OPENED
    office = order(_O.DISARM, 50, device="registry-busan")
    assert found("seal_opened", journey(office)) == []


def test_an_order_made_afterwards_ends_it_and_is_named() -> None:
    """It does not make it undone."""
    afterwards = order(_O.DISARM, 500, order="D-9", by="Kim")
    (opened,) = found("seal_opened", journey(afterwards))
    assert spans([opened]) == [("seal_opened", 200.0, 500.0)]
    assert opened.text.endswith("; ended by order D-9 by Kim at 2026-01-01 12:08:20 UTC")
    inspecting = order(_O.INSPECT, 500)
    assert spans(found("seal_opened", journey(inspecting))) == OPENED


def test_seal_3_opened_and_closed_between_two_reports() -> None:
    """SEAL-3: the frames of it never came; the latch says so, and between which reports."""
    gone = [*journey()[:3], frame(5, 300, openings=1)]
    (opened,) = found("seal_opened", gone)
    assert spans([opened]) == [("seal_opened", 100.0, None)]
    assert "between 2026-01-01 12:01:40 UTC and 2026-01-01 12:05:00 UTC, and closed" in opened.text
    assert len(opened.evidence) == 2


def test_seal_3_the_stored_frames_say_when_exactly() -> None:
    """The finding about the time between gives way to the one with the time."""
    late = [*journey(), frame(4, 210, _E.LOCK, openings=1), frame(5, 300, openings=1)]
    assert spans(found("seal_opened", late)) == OPENED


def test_the_latch_of_an_allowed_opening_is_allowed() -> None:
    """If the order held at any time between the two reports."""
    allowing = order(_O.INSPECT, 50)
    gone = [*journey()[:3], allowing, frame(5, 300, openings=1), frame(6, 400, openings=1)]
    assert found("seal_opened", gone) == []


def test_a_seal_in_stock_may_be_opened() -> None:
    """And the first frame that is heard says where the latch stands."""
    stock = [frame(1, 0, armed=False), frame(2, 10, _E.UNLOCK, armed=False, openings=1)]
    assert found("seal_opened", stock) == []
    assert found("seal_opened", [frame(7, 0, openings=4), frame(8, 10, openings=4)]) == []


def test_disarming_needs_an_order() -> None:
    """Else whoever has the code could open it off duty; after a lawful one it is off duty."""
    off = [
        frame(3, 200, _E.DISARMED, armed=False),
        frame(4, 300, _E.UNLOCK, armed=False, openings=1),
    ]
    assert spans(found("seal_opened", [*journey()[:3], *off])) == [("seal_disarmed", 200.0, None)]
    allowing = order(_O.DISARM, 50)
    assert found("seal_opened", [*journey()[:3], allowing, *off]) == []


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (_E.TAMPERING, "seal_tampering"),
        (_E.REMOVING, "seal_removed"),
        (_E.POWER_CUT, "seal_power_cut"),
    ],
)
def test_tampering_is_a_rule_of_its_own(event: SealEventKind, kind: str) -> None:
    """So that its alarm is not merged with that of an opening; inspectors may cut."""
    cut = [*journey()[:3], frame(3, 200, event)]
    assert spans(found("seal_tamper", cut)) == [(kind, 200.0, None)]
    assert found("seal_opened", cut) == []
    assert found("seal_tamper", [order(_O.INSPECT, 50), *cut]) == []
    assert found("seal_tamper", journey()) == []


def test_seal_2_the_same_report_twice_is_one_finding() -> None:
    """SEAL-2: heard by two gateways, and opened again: the number of openings changes."""
    twice = journey()
    assert spans(found("seal_opened", [*twice, again(twice[3], 205)])) == OPENED
    more = [*twice, frame(4, 300, _E.UNLOCK, openings=2)]
    (opened,) = found("seal_opened", more)
    assert (spans([opened]), opened.values["openings"]) == (OPENED, 2)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from([*_E]),
        st.booleans(),
        st.booleans(),
        st.integers(0, 3),
        st.sampled_from(["next", "copy", "forged", "earlier"]),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None)  # each folds a journey three times
@given(EVENTS)
def test_s7_no_frame_ends_a_breach(
    events: list[tuple[SealEventKind, bool, bool, int, str]],
) -> None:
    """S7: whatever the seal, a thief or a repeater says later, only an order ends it."""
    said = journey()
    (before,) = found("seal_opened", said)
    for number, (event, sealed, armed, openings, how) in enumerate(events, start=4):
        stated: dict[str, Any] = {"sealed": sealed, "armed": armed, "openings": openings}
        when = 200.0 + 10 * number
        if how == "copy":
            said.append(again(said[3], when))
        elif how == "forged":
            said.append(forged(number, when, event, **stated))
        else:
            said.append(frame(number if how == "next" else 2, when, event, **stated))
    opened = [each for each in found("seal_opened", said) if each.kind == "seal_opened"]
    assert [(each.id, each.until) for each in opened] == [(before.id, None)]
    ended = found("seal_opened", [*said, order(_O.DISARM, 1000)])
    assert all(each.until is not None for each in ended)
