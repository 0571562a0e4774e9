"""Korean cargo tracking as UNI-PASS answers it: clearance steps of one or several cargoes.

The element names are the service's own, abbreviated Korean. Only what advance cargo needs is read,
and written back for tests and for partners that expect this shape. The only module that knows
``defusedxml``.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Final
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from haechi.aci.manifest import (
    Call,
    Consignment,
    Equipment,
    Event,
    EventType,
    Goods,
    Manifest,
    Pair,
    Source,
    Vessel,
)
from ingest.documents.claims import Claims, code, name, prose
from ingest.documents.limits import (
    MAX_CONSIGNMENTS,
    MAX_XML_ATTRIBUTES,
    MAX_XML_BYTES,
    MAX_XML_DEPTH,
    MAX_XML_ELEMENTS,
)
from ingest.documents.nodes import joined
from ingest.documents.options import Options, Told
from ingest.documents.problems import DocumentRefusedError, Problems, quoted

ROOT: Final = "cargCsclPrgsInfoQryRtnVo"
CARGO: Final = "cargCsclPrgsInfoQryVo"
STEP: Final = "cargCsclPrgsInfoDtlQryVo"

KOREA: Final = timezone(timedelta(hours=9))
"""The service states times of Korea, without saying so."""

CODES: Final = (
    ("반출", "GTOT"),
    ("반입", "GTIN"),
    ("하선", "DISC"),
    ("수입신고수리", "RELS"),
    ("수입신고", "SUBM"),
)
"""What a step's words contain, to DCSA's nearest code; the first that fits counts."""
_OTHER: Final = "STEP"
_REFERENCES: Final = {
    "cargMtNo": "cargo number",
    "prgsStts": "progress",
    "csclPrgsStts": "clearance",
    "prgsStCd": "progress code",
    "mtTrgtCargYnNm": "under management",
    "cntrGcnt": "containers",
}
"""Element to the kind of reference it becomes."""


def read_unipass(
    chunks: Iterable[bytes], options: Options, problems: Problems, told: Told
) -> tuple[Manifest, ...]:
    """Read one answer; a manifest for each cargo in it.

    Raises:
        DocumentRefusedError: no XML, with declarations of entities, beyond a limit, another
            document, or an answer that says that it failed or found nothing.
    """
    root = _parsed(joined(chunks, MAX_XML_BYTES, "XML"))
    if root.tag != ROOT:
        raise DocumentRefusedError(f"XML of another kind: {quoted(root.tag)} is not {ROOT}")
    notice, count = root.findtext("ntceInfo", "").strip(), root.findtext("tCnt", "").strip()
    cargoes = root.findall(CARGO)
    if not cargoes:
        raise DocumentRefusedError(f"the answer has no cargo ({quoted(notice or count)})")
    if len(cargoes) > MAX_CONSIGNMENTS:
        raise DocumentRefusedError(f"more than {MAX_CONSIGNMENTS} cargoes in one answer")
    told(len(cargoes), 0)
    claims = Claims(problems, options)
    # Steps are only sent with a single cargo; with several each must be asked for by itself.
    steps = root.findall(STEP) if len(cargoes) == 1 else []
    return tuple(_manifest(number, cargo, steps, claims) for number, cargo in enumerate(cargoes, 1))


def _parsed(content: bytes) -> Element:
    if content.count(b"<") > 2 * MAX_XML_ELEMENTS:  # before they take 20 times their bytes
        raise DocumentRefusedError(f"XML of more than {MAX_XML_ELEMENTS} elements")
    if content.count(b"=") > MAX_XML_ATTRIBUTES:
        raise DocumentRefusedError(f"XML of more than {MAX_XML_ATTRIBUTES} attributes")
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise DocumentRefusedError("XML that declares entities: refused as an attack") from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise DocumentRefusedError(f"no XML: {error}") from error
    level, total = [root], 0
    for _ in range(MAX_XML_DEPTH):
        total += len(level)
        if total > MAX_XML_ELEMENTS:
            raise DocumentRefusedError(f"XML of more than {MAX_XML_ELEMENTS} elements")
        level = [inner for outer in level for inner in outer]
        if not level:
            return root
    raise DocumentRefusedError(f"XML nested more than {MAX_XML_DEPTH} deep")


def _manifest(number: int, cargo: Element, steps: list[Element], claims: Claims) -> Manifest:
    def text(field: str) -> str:
        return cargo.findtext(field, "").strip()

    def place(field: str) -> str:
        return claims.place(text(field), number, field)

    house, master = code(text("hblNo")), code(text("mblNo"))
    box = text("cntrNo")
    container = claims.container(box, number, "cntrNo") if box else ""
    arrival = _moment(text("etprDt"), number, "etprDt", claims)
    load, discharge = place("ldprCd"), place("dsprCd")
    bill = Consignment(
        bill=house or master or code(text("cargMtNo")),
        master_bill=master if house else "",
        load_port=load,
        discharge_port=discharge,
        goods=(
            Goods(
                description=prose(text("prnm")),
                packages=claims.pieces(text("pckGcnt"), number, "pckGcnt"),
                package_kind=code(text("pckUt")),
                gross_kg=claims.kilograms(text("ttwg"), text("wghtUt"), number, "ttwg"),
                containers=(container,) if container else (),
            ),
        ),
        references=tuple(_references(cargo)),
    )
    return Manifest(
        source=Source(format="UNI-PASS", reference=code(text("cargMtNo"))),
        vessel=Vessel(name=name(text("shipNm")), flag=code(text("shipNat"))),
        voyage=code(text("vydf")),
        carrier=name(text("shcoFlco")),
        calls=(Call(place=discharge, role="discharge", arrival_actual=arrival),)
        if discharge
        else (),
        consignments=(bill,),
        equipment=(Equipment(container=container, bills=(bill.bill,)),) if container else (),
        events=tuple(_events(steps, bill.bill, claims)),
    )


def _references(cargo: Element) -> Iterator[Pair]:
    for field, kind in _REFERENCES.items():
        if stated := name(cargo.findtext(field, "")):
            yield kind, stated


def _events(steps: list[Element], bill: str, claims: Claims) -> Iterator[Event]:
    for number, step in enumerate(steps, 1):
        said = name(step.findtext("cargTrcnRelaBsopTpcd", ""))
        at = _moment(step.findtext("prcsDttm", "").strip(), number, STEP, claims)
        if at is not None:
            yield Event(
                type=EventType.CLEARANCE,
                code=next((known for words, known in CODES if words in said), _OTHER),
                at=at,
                document=("TRD", bill),
                facility=code(step.findtext("shedSgn", "")),
                references=tuple(
                    ("declaration", name(number))
                    for number in [step.findtext("dclrNo", "")]
                    if number
                ),
                note=said,
            )


def _moment(text: str, at: int, part: str, claims: Claims) -> datetime | None:
    """Return a time given as up to 14 digits, with signs between them or without."""
    digits = "".join(sign for sign in text if sign.isdigit() and sign.isascii())
    if not digits:
        return None
    iso = f"{digits[:8]}T{digits[8:14] or '000000'}"
    moment = claims.moment(iso, at, part)
    # The text names no zone, so the reader's was taken; here it is known.
    return moment and datetime.fromisoformat(iso).replace(tzinfo=KOREA).astimezone(moment.tzinfo)


def write_unipass(manifest: Manifest) -> bytes:
    """Return the first bill of a manifest, with its steps, in the shape of an answer."""
    root = Element(ROOT)
    bills = manifest.consignments[:1]
    SubElement(root, "ntceInfo")
    SubElement(root, "tCnt").text = str(len(bills))
    for bill in bills:
        _write_cargo(SubElement(root, CARGO), manifest, bill)
    for event in manifest.events:
        if event.type is EventType.CLEARANCE:
            _write_step(SubElement(root, STEP), event)
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _write_cargo(cargo: Element, manifest: Manifest, bill: Consignment) -> None:
    kinds = {kind: field for field, kind in _REFERENCES.items()}
    arrival = next((call.arrival_actual for call in manifest.calls if call.arrival_actual), None)
    goods = bill.goods[0] if bill.goods else Goods()
    stated = {
        "hblNo": bill.bill if bill.master_bill else "",
        "mblNo": bill.master_bill or bill.bill,
        "cntrNo": next(iter(bill.containers), ""),
        "shipNm": manifest.vessel.name,
        "shipNat": manifest.vessel.flag,
        "vydf": manifest.voyage,
        "shcoFlco": manifest.carrier,
        "etprDt": f"{arrival.astimezone(KOREA):%Y%m%d}" if arrival else "",
        "ldprCd": bill.load_port,
        "dsprCd": bill.discharge_port,
        "prnm": goods.description,
        "pckGcnt": "" if bill.packages is None else str(bill.packages),
        "pckUt": goods.package_kind,
        "ttwg": "" if bill.gross_kg is None else f"{bill.gross_kg:g}",
        "wghtUt": "KG",
        **{kinds[kind]: value for kind, value in bill.references if kind in kinds},
    }
    for field, value in stated.items():
        SubElement(cargo, field).text = value


def _write_step(step: Element, event: Event) -> None:
    SubElement(step, "cargTrcnRelaBsopTpcd").text = event.note
    SubElement(step, "prcsDttm").text = f"{event.at.astimezone(KOREA):%Y%m%d%H%M%S}"
    SubElement(step, "shedSgn").text = event.facility
    SubElement(step, "dclrNo").text = dict(event.references).get("declaration", "")
