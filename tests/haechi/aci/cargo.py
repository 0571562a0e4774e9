"""One lawful shipment from Busan to Alexandria, from which tests depart."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from haechi.aci.shipment import (
    Approval,
    Bill,
    BillKind,
    CarrierFile,
    Company,
    Document,
    Exporter,
    GoodsLine,
    Importer,
    Packing,
    Shipment,
    Transport,
)
from haechi.aci.states import State
from haechi.aci.voyage import Aboard, Call, Vessel, Voyage

ACID = "4988470982026030017"
TAX_NUMBER = "498847098"
EXPORTER = "KR-02-1168200276"
BILL = "HNHA2603001"
CONTAINER = "MSKU9070323"
SEAL = "H5317501"
LOADING = datetime(2026, 3, 10, 6, tzinfo=UTC)
DEPARTURE = datetime(2026, 3, 11, 6, tzinfo=UTC)
ARRIVAL = datetime(2026, 4, 4, 6, tzinfo=UTC)
ISSUED = LOADING - timedelta(days=12)


def document(kind: str, digest: str, *, is_draft: bool = False) -> Document:
    """Return a document that shows what it should, transferred in time."""
    return Document(
        id=kind,
        type=kind,
        digest=digest * 64,
        is_draft=is_draft,
        acid=ACID,
        importer=TAX_NUMBER,
        exporter=EXPORTER,
        transferred_at=LOADING - timedelta(days=5),
    )


SHIPMENT = Shipment(
    reference="S-1",
    acid=ACID,
    state=State.ENVELOPE_RECEIVED,
    importer=Importer(tax_number=TAX_NUMBER, name="Nile Spinning", email="in@nile.example"),
    exporter=Exporter(number=EXPORTER, name="Haeundae Textile", email="out@haeundae.example"),
    goods=(
        GoodsLine(
            line=1,
            hs="520512",
            description="cotton yarn",
            quantity=Decimal(100),
            unit="BAG",
            packages=100,
            gross_kg=18_000,
            value=Decimal(50_000),
            currency="USD",
            duty=Decimal(1000),
        ),
    ),
    documents=(
        document("INV", "a"),
        document("BL", "b"),
        document("PL", "c"),
        document("COO", "d"),
    ),
    transport=Transport(
        vessel="HAECHI STAR",
        imo="9811000",
        mmsi="440006460",
        call_sign="D7AB1",
        voyage="042W",
        load_port="KRPUS",
        discharge_port="EGALY",
        planned_loading=LOADING,
        etd=DEPARTURE,
        eta=ARRIVAL,
    ),
    bills=(
        Bill(
            number=BILL,
            kind=BillKind.DIRECT,
            issued_on=date(2026, 3, 9),
            acids=(ACID,),
            consignee=Company(name="Nile Spinning", tax_number=TAX_NUMBER),
        ),
    ),
    containers=(Packing(container=CONTAINER, bill=BILL, seals=(SEAL,), gross_kg=18_000),),
    carrier=CarrierFile(
        importer=TAX_NUMBER,
        register="CR-1",
        data_at=LOADING - timedelta(days=3),
        papers_at=DEPARTURE - timedelta(days=11),
    ),
    filed_at=LOADING - timedelta(days=5),
    requested_at=ISSUED - timedelta(days=1),
    issued_at=ISSUED,
    approval=Approval(by="officer.kim", at=ISSUED, case="RV-1"),
)

VOYAGE = Voyage(
    vessel=Vessel(name="HAECHI STAR", imo="9811000", mmsi="440006460", call_sign="D7AB1"),
    number="042W",
    calls=(
        Call(port="KRPUS", lat=35.08, lon=128.8, planned_departure=DEPARTURE),
        Call(port="SGSIN", planned_arrival=DEPARTURE + timedelta(days=7)),
        Call(port="EGALY", lat=31.19, lon=29.87, planned_arrival=ARRIVAL),
    ),
    route=((128.8, 35.08), (103.8, 1.2), (29.87, 31.19)),
    containers=(
        Aboard(
            container=CONTAINER,
            acid=ACID,
            bill=BILL,
            seals=(SEAL,),
            gross_kg=18_000,
            load_port="KRPUS",
            discharge_port="EGALY",
        ),
    ),
)
