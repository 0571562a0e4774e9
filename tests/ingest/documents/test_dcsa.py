"""DCSA JSON both ways, held against the published schemas."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml  # type: ignore[import-untyped]  # no stubs are installed

from haechi.aci.manifest import Event, EventType, Manifest, SealClaim, Source, Vessel
from ingest.documents.dcsa_bills import written_bill
from ingest.documents.dcsa_events import CODES, Publisher, written
from ingest.documents.nodes import mapping, sequence
from ingest.documents.problems import DocumentRefusedError
from tests.conftest import Recording
from tests.ingest.documents.interchanges import REPORT, complaints, manifest, taken

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CARRIER = Publisher(carrier_code="HXL", role="CA")
EVENTS = Manifest(
    source=Source(format="DCSA events"),
    events=(
        Event(
            type=EventType.EQUIPMENT,
            code="LOAD",
            at=NOON,
            id="e-1",
            created=NOON,
            container="CSQU3054383",
            is_empty=False,
            place="KRPUS",
            voyage="026W",
            vessel=Vessel(name="BLUE CEDAR", imo="9074729", flag="KR", call_sign="D7HX2"),
            seals=(SealClaim(number="H53175", source="SHI"),),
            references=(("TRD", "HXLB0001"), ("EQ", "X1")),
        ),
        Event(
            type=EventType.TRANSPORT,
            code="DEPA",
            at=NOON,
            classifier="EST",
            id="e-2",
            created=NOON,
            place="KRPUS",
            voyage="026W",
        ),
        Event(
            type=EventType.SHIPMENT,
            code="ISSU",
            at=NOON,
            id="e-3",
            created=NOON,
            document=("TRD", "HXLB0001"),
        ),
        Event(
            type=EventType.IOT,
            code="DRO",
            at=NOON,
            id="e-4",
            created=NOON,
            container="CSQU3054383",
            lat=31.5,
            lon=32.25,
        ),
        Event(
            type=EventType.EQUIPMENT,
            code="GTIN",
            at=NOON,
            id="e-5",
            created=NOON,
            container="CSQU3054383",
            is_empty=False,
            place="EGALY",
            facility="ALCT",
        ),
    ),
    retracted=("e-3",),
)


def local(path: Path) -> Mapping[str, Any]:
    """Return a domain's schemas; what other, absent files define is left open."""
    return mapping(mended(yaml.safe_load(path.read_text())))


def mended(node: Any) -> Any:
    """Return a schema without references to other files; one of several such is then any."""
    held, listed = mapping(node), sequence(node)
    if str(held.get("$ref", "")).startswith("https:"):
        return {}
    is_open = any("https:" in str(choice) for choice in sequence(held.get("oneOf")))
    if held:
        return {
            "anyOf" if key == "oneOf" and is_open else key: mended(value)
            for key, value in held.items()
            if key not in {"example", "discriminator"}
        }
    return [mended(value) for value in listed] if listed else node


def validate(event: dict[str, Any], name: str, domain: Mapping[str, Any]) -> None:
    """Hold an event against the schema of a name."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": domain["components"]}
    checker = jsonschema.Draft202012Validator(schema)
    checker.validate(event)  # pyright: ignore[reportUnknownMemberType] - its stubs leave it open


@pytest.mark.parametrize("kind", list(EventType)[:4])
def test_what_is_written_fits_the_published_schema(kind: EventType, recording: Recording) -> None:
    """Every event and every retraction, with the definitions that file has itself."""
    domain = local(recording("dcsa/event_domain_v3.2.0.yaml"))
    names = {"EQUIPMENT": "equipment", "TRANSPORT": "transport", "SHIPMENT": "shipment"}
    events = [
        event
        for event in written(EVENTS, CARRIER, NOON)
        if event["metadata"]["eventType"] == kind.value
    ]
    assert events
    for event in events:
        validate(event, f"{names.get(kind.value, 'iot')}Event", domain)


def test_a_schema_that_would_take_anything_proves_nothing(recording: Recording) -> None:
    """The same check refuses an event without its code."""
    domain = local(recording("dcsa/event_domain_v3.2.0.yaml"))
    event = written(EVENTS, CARRIER, NOON)[0]
    del event["payload"]["equipmentEventTypeCode"]
    with pytest.raises(jsonschema.ValidationError, match="equipmentEventTypeCode"):
        validate(event, "equipmentEvent", domain)


@pytest.mark.parametrize("kind", [EventType.EQUIPMENT, EventType.TRANSPORT, EventType.SHIPMENT])
def test_the_codes_are_those_of_the_published_lists(kind: EventType, recording: Recording) -> None:
    """CROS is WAYP's younger name."""
    path = recording(f"dcsa/{kind.value.lower()}eventtypecodes.csv")
    published = {line.split(",")[0] for line in path.read_text().splitlines()[1:] if "," in line}
    assert {code for code in published if len(code) == 4} <= set(CODES[kind].split())


def test_events_come_back_as_they_went() -> None:
    """Also the retraction, after which the event no longer stands."""
    content = json.dumps(written(EVENTS, CARRIER, NOON)).encode()
    document = taken(content)
    assert complaints(document) == []
    assert document.manifests == (EVENTS,)
    assert [event.id for event in document.manifests[0].standing_events] == [
        "e-1",
        "e-2",
        "e-4",
        "e-5",
    ]


def test_a_flat_event_of_version_2_is_read() -> None:
    """As carriers still send it."""
    event = {
        "eventID": "v2",
        "eventType": "EQUIPMENT",
        "eventCreatedDateTime": "2026-11-20T12:00:00Z",
        "eventClassifierCode": "ACT",
        "eventDateTime": "2026-11-20T21:00:00+09:00",
        "equipmentEventTypeCode": "GTIN",
        "equipmentReference": "CSQU3054383",
        "emptyIndicatorCode": "LADEN",
        "eventLocation": {"UNLocationCode": "KRPUS"},
        "documentReferences": [
            {"documentReferenceType": "TRD", "documentReferenceValue": "HXLB0001"}
        ],
        "seals": [{"sealNumber": "H53175", "sealSource": "SHI"}],
    }
    (stated,) = taken(json.dumps([event]).encode()).manifests[0].events
    assert (stated.code, stated.at, stated.place) == ("GTIN", NOON, "KRPUS")
    assert stated.references == (("TRD", "HXLB0001"),)
    assert stated.seals == (SealClaim(number="H53175", source="SHI"),)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"eventDateTime": "yesterday"}, "1 eventDateTime: 'yesterday' is no time"),
        ({"equipmentEventTypeCode": "FLEW"}, "'FLEW' is no code of DCSA"),
        ({"equipmentReference": "MSKU9070324"}, "the check digit of MSKU907032 is 3, not 4"),
        ({"seals": "H53175"}, "1 payload.seals[0]: is no object"),
        ({"equipmentReference": ["CSQU3054383"]}, "1 payload.equipmentReference: is no text"),
    ],
)
def test_a_fault_of_an_event_is_reported_by_its_path(change: dict[str, Any], problem: str) -> None:
    """The other events are kept."""
    good, bad = written(EVENTS, CARRIER, NOON)[0], written(EVENTS, CARRIER, NOON)[0]
    bad["payload"] |= change
    document = taken(json.dumps([bad, good]).encode())
    assert document.manifests[0].events[-1] == EVENTS.events[0]
    assert any(problem in line for line in complaints(document)), complaints(document)


def test_a_bill_goes_and_comes_back() -> None:
    """Number, ACID, parties with their tax numbers, ports, goods and seals."""
    report = manifest("CUSCAR", *REPORT)
    bill = report.consignments[0]
    document = taken(json.dumps(written_bill(report, bill)).encode())
    (back,) = document.manifests
    (again,) = back.consignments
    assert complaints(document) == []
    assert (again.bill, again.acids) == ("HXLB0001", ("4988470982020120017",))
    assert (again.load_port, again.discharge_port) == ("KRPUS", "EGALY")
    assert again.party("CN") == bill.party("CN")
    assert (again.gross_kg, again.packages, again.containers) == (
        14_182,
        560,
        ("CSQU3054383",),
    )
    assert (back.vessel.imo, back.voyage) == ("9074729", "026W")
    assert back.equipment[0].seals == (SealClaim(number="H53175", source="SHI"),)


def test_t8_a_bill_without_an_acid_is_reported() -> None:
    """A booking need not have one yet."""
    bill = taken(b'{"transportDocumentReference": "HXLB0001"}')
    booking = taken(b'{"carrierBookingReference": "BK1"}')
    assert any("states 0 ACIDs" in line for line in complaints(bill))
    assert complaints(booking) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[" * 100_000, "nested more than"),
        (b"[" * 60 + b"]" * 60, "nested more than"),
        (b'{"a": ' * 60 + b"1" + b"}" * 60, "nested more than"),
        (b'[{"metadata": NaN}]', "no JSON"),
        (b'[{"metadata": {"eventID": "1"}', "no JSON"),
        (b'[{"metadata": "\xff"}]', "no JSON"),
        (b'{"hello": "world"}', "neither a DCSA event nor a bill"),
        (b"[]", "neither a DCSA event nor a bill"),
        (b"[1, 2]", "neither a DCSA event nor a bill"),
    ],
)
def test_other_json_is_refused(content: bytes, reason: str) -> None:
    """Nothing of it is taken."""
    with pytest.raises(DocumentRefusedError, match=reason):
        taken(content)
