"""DCSA JSON: one object or a list; events and bills are told apart by their fields."""

from collections.abc import Iterable

from haechi.aci.manifest import Manifest
from ingest.documents.claims import Claims
from ingest.documents.dcsa_bills import is_bill, read_bill
from ingest.documents.dcsa_events import read_events
from ingest.documents.limits import MAX_CONSIGNMENTS
from ingest.documents.nodes import Node, decode, mapping, sequence
from ingest.documents.options import Options, Told
from ingest.documents.problems import DocumentRefusedError, Problems


def read_dcsa(
    chunks: Iterable[bytes], options: Options, problems: Problems, told: Told
) -> tuple[Manifest, ...]:
    """Read events (one manifest of them all) and bills (a manifest each).

    Raises:
        DocumentRefusedError: no JSON, beyond a limit, or neither events nor bills.
    """
    value = decode(chunks)
    listed = sequence(value) or sequence(mapping(value).get("events")) or [value]
    claims = Claims(problems, options)
    nodes = [Node(item, place, "", claims) for place, item in enumerate(listed, 1)]
    bills = [node for node in nodes if is_bill(node)]
    events = [node for node in nodes if node.node("metadata") or node.node("eventType")]
    if len(bills) + len(events) < len(nodes) or not nodes:
        raise DocumentRefusedError(
            "JSON with something in it that is neither a DCSA event nor a bill of lading"
        )
    if len(bills) > MAX_CONSIGNMENTS:
        raise DocumentRefusedError(f"more than {MAX_CONSIGNMENTS} bills: split the file")
    told(len(nodes), 0)
    found = [read_bill(bill) for bill in bills]
    return (*found, *((read_events(events),) if events else ()))
