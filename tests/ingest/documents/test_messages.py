"""What each kind of UN/EDIFACT message says."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ingest.documents.options import Options
from tests.ingest.documents.interchanges import (
    LOADED,
    REPORT,
    STOWAGE,
    complaints,
    interchange,
    manifest,
    taken,
)


def test_a_bay_plan_says_where_every_container_stands() -> None:
    """In either dialect of ports, and with numbers written with blanks."""
    plan = manifest("BAPLIE", *STOWAGE)
    first, second = plan.equipment
    assert (first.container, first.stowage, first.gross_kg, first.is_full) == (
        "CSQU3054383",
        "0010682",
        24_000,
        True,
    )
    assert (second.container, second.vgm_kg, second.is_full) == ("MSKU9070323", 18_250.5, False)
    assert {(unit.load_port, unit.discharge_port) for unit in plan.equipment} == {
        ("KRPUS", "EGALY")
    }
    assert (plan.vessel.name, plan.vessel.call_sign, plan.voyage) == ("BLUE CEDAR", "D7HX2", "026W")


def test_times_of_a_bay_plan_find_their_ports() -> None:
    """Though both ports are listed before both times."""
    here, there = manifest("BAPLIE", *STOWAGE).calls
    assert (here.place, here.departure_planned) == ("KRPUS", datetime(2026, 11, 21, 6, tzinfo=UTC))
    assert (there.place, there.arrival_planned) == ("EGALY", datetime(2026, 12, 14, 9, tzinfo=UTC))


def test_a_cargo_report_says_what_each_bill_covers() -> None:
    """Parties, tax number, ACID, goods and the containers they are in."""
    report = manifest("CUSCAR", *REPORT)
    first, second = report.consignments
    assert (first.bill, first.master_bill, first.acids) == (
        "HXLB0001",
        "HXLM0001",
        ("4988470982020120017",),
    )
    consignee = first.party("CN")
    assert consignee is not None
    assert (consignee.name, consignee.tax_number) == ("NILE LOTUS IMPORTS", "498847098")
    assert (first.packages, first.gross_kg, first.containers) == (560, 14_182, ("CSQU3054383",))
    assert second.bill == "HXLB0002"
    assert second.gross_kg == pytest.approx(453.592)
    assert report.vessel.imo == "9074729"


def test_an_acid_that_is_only_printed_in_the_goods_is_found_and_flagged() -> None:
    """Exporters are asked to print it; the carrier should have sent it as a reference."""
    document = taken(interchange("CUSCAR", *REPORT))
    assert document.manifests[0].consignments[1].acids == ("4891340332021120017",)
    assert any("an ACID is printed in a text" in line for line in complaints(document))


def test_seals_and_bills_are_of_their_container() -> None:
    """A seal's number that means none is none."""
    document = taken(interchange("CUSCAR", *REPORT))
    boxes = {unit.container: unit for unit in document.manifests[0].equipment}
    assert [(seal.number, seal.source) for seal in boxes["CSQU3054383"].seals] == [
        ("H53175", "SHI")
    ]
    assert boxes["CSQU3054383"].bills == ("HXLB0001",)
    assert boxes["MSKU9070324"].bills == ("HXLB0002",)
    assert [line for line in complaints(document) if "seal" in line] == [
        "31 SEL: 'SI' is no seal number; taken as no seal"
    ]


def test_a_wrong_check_digit_is_flagged_and_kept() -> None:
    """2 of 609 real containers fail it."""
    lines = complaints(taken(interchange("CUSCAR", *REPORT)))
    assert [line for line in lines if "check digit" in line] == [
        "28 SGP: 'MSKU9070324': the check digit of MSKU907032 is 3, not 4; kept as written"
    ]


@pytest.mark.parametrize(
    ("first", "then", "bill"),
    [
        ("RFF+AAA:X1", "RFF+BM:B1", "B1"),
        ("RFF+AAA:X1", "LOC+9+KRPUS", "X1"),
        ("LOC+9+KRPUS", "LOC+11+EGALY", "G1"),
    ],
)
def test_a_bill_has_the_best_number_there_is(first: str, then: str, bill: str) -> None:
    """Its own, else the first reference, else that of the group."""
    (only,) = manifest("CUSCAR", *REPORT[:6], "CNI+1+G1", first, then, "GID+1+1:BG").consignments
    assert only.bill == bill


def test_the_qualifier_of_the_acid_can_be_chosen() -> None:
    """Under an unknown one, 19 digits stay a reference, and the problem says what to set."""
    content = interchange("CUSCAR", *REPORT).replace(b"RFF+ACD", b"RFF+XYZ")
    stated = taken(content)
    assert stated.manifests[0].consignments[0].acids == ()
    assert any("add XYZ to acid_qualifiers" in line for line in complaints(stated))
    chosen = taken(content, Options(acid_qualifiers=("XYZ",)))
    assert chosen.manifests[0].consignments[0].acids == ("4988470982020120017",)


def test_t8_two_acids_on_one_bill_are_reported() -> None:
    """Both are kept: which one is right is not for a parser to say."""
    both = (*REPORT[:9], "RFF+ACD:4157387252025032066", *REPORT[9:])
    document = taken(interchange("CUSCAR", *both))
    assert len(document.manifests[0].consignments[0].acids) == 2
    assert any("states 2 ACIDs" in line for line in complaints(document))


@pytest.mark.parametrize(
    ("document", "kind", "code"),
    [
        ("46", "COARRI", "LOAD"),
        ("44", "COARRI", "DISC"),
        ("34", "CODECO", "GTIN"),
        ("36", "CODECO", "GTOT"),
    ],
)
def test_a_report_of_moves_is_a_list_of_events(document: str, kind: str, code: str) -> None:
    """A container whose move has no time is listed, and its move is not invented."""
    content = interchange(kind, *LOADED).replace(b"BGM+46", b"BGM+" + document.encode())
    read = taken(content)
    (report,) = read.manifests
    (event,) = report.events
    assert (event.code, event.container, event.place, event.at) == (
        code,
        "CSQU3054383",
        "KRPUS",
        datetime(2026, 11, 20, 21, 9, tzinfo=UTC),
    )
    assert len(report.equipment) == 2
    assert report.equipment[0].bills == ("HXLB0001",)
    assert complaints(read) == [
        "DTM: 1 moves without a time; containers kept, their moves left out"
    ]


def test_a_schedule_is_a_list_of_calls() -> None:
    """Each time is of the port right before it."""
    calls = manifest(
        "IFTSAI",
        "BGM+335+S1+9",
        "TDT+20+026W+1++HXL:172:20+++9074729:146::BLUE CEDAR",
        "LOC+9+KRPUS:139:6",
        "DTM+132:202611190600:203",
        "DTM+133:202611210600:203",
        "LOC+11+EGALY:139:6",
        "DTM+132:202612140900:203",
        "DTM+133:202612151800:203",
    ).calls
    assert [(call.place, call.arrival_planned, call.departure_planned) for call in calls] == [
        ("KRPUS", datetime(2026, 11, 19, 6, tzinfo=UTC), datetime(2026, 11, 21, 6, tzinfo=UTC)),
        ("EGALY", datetime(2026, 12, 14, 9, tzinfo=UTC), datetime(2026, 12, 15, 18, tzinfo=UTC)),
    ]


@pytest.mark.parametrize(
    ("stated", "moment"),
    [
        ("20261120:102", datetime(2026, 11, 20, tzinfo=UTC)),
        ("261120:101", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2611201345:201", datetime(2026, 11, 20, 13, 45, tzinfo=UTC)),
        ("20261120134559:204", datetime(2026, 11, 20, 13, 45, 59, tzinfo=UTC)),
        ("202611201345?+0900:205", datetime(2026, 11, 20, 4, 45, tzinfo=UTC)),
        ("202611201345UTC:303", datetime(2026, 11, 20, 13, 45, tzinfo=UTC)),
        ("202611201345XYZ:303", None),
        ("20261320:102", None),
        ("2026:102", None),
        ("٢٠٢٦١١٢٠:102", None),
        ("00010101:102", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_are_read_by_their_format(stated: str, moment: datetime | None) -> None:
    """What is no time is left out, and reported."""
    document = taken(
        interchange("CUSCAR", REPORT[0], f"DTM+137:{stated}", *REPORT[3:], syntax="UNOW:4")
    )
    assert document.manifests[0].source.made_at == moment
    is_reported = any("is no time" in line for line in complaints(document))
    assert is_reported == (moment is None)


def test_times_without_a_zone_are_in_the_one_that_is_chosen() -> None:
    """Most senders mean the time of their port."""
    seoul = Options(zone=timezone(timedelta(hours=9)))
    document = taken(interchange("BAPLIE", *STOWAGE), seoul)
    assert document.manifests[0].calls[0].departure_planned == datetime(
        2026, 11, 20, 21, tzinfo=UTC
    )


def test_a_manifest_names_each_container_once() -> None:
    """Whether listed, packed or moved."""
    report = manifest("CUSCAR", *REPORT)
    assert report.containers == ("CSQU3054383", "MSKU9070324")
