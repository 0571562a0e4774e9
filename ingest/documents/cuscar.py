"""CUSCAR: the cargo report to customs, bill by bill (directory D95B)."""

import re
from typing import Final

from msgspec.structs import replace

from haechi.aci.manifest import Consignment, Equipment, Goods, Manifest, ProblemKind, Source
from ingest.documents.claims import Claims, code, prose
from ingest.documents.interpreters import GROSS, Handlers, Transport
from ingest.documents.limits import MAX_CONSIGNMENTS, MAX_PARTS
from ingest.documents.options import Options
from ingest.documents.problems import DocumentRefusedError, quoted
from ingest.documents.segments import Segment, dimension, kilograms

_PORTS: Final = {"9": "load_port", "11": "discharge_port"}
_PRINTED: Final = re.compile(r"\bACID[^0-9]{0,20}([0-9]{19})(?![0-9])")
"""An ACID as exporters are asked to print it among the description of goods."""
_ACID_SIGNS: Final = 19
_GOODS_TEXT: Final = "AAA"


class CargoReport(Transport):
    """Reads one report: each ``CNI`` begins a group, each bill number in it a consignment."""

    def __init__(self, source: Source, claims: Claims, options: Options) -> None:
        super().__init__(source, claims, options)
        self._bills: list[Consignment] = []
        self._group = ""
        self._is_open = False
        self._is_makeshift = False
        self.handlers |= {"CNI": self._group_begins, "EQD": self._name_box}
        self._in_group: Handlers = {
            "CNI": self._group_begins,
            "RFF": self._refer,
            "LOC": self._locate,
            "NAD": self._name_party,
            "GID": self._item_begins,
            "FTX": self._describe,
            "MEA": self._weigh_item,
            "SGP": self._place_item,
            "CST": self._classify,
            "EQD": self._name_box,
            "SEL": self.seal,
        }

    def manifest(self) -> Manifest:
        """Return the report."""
        self._group_ends()
        listed = {unit.container for unit in self.units}
        stated = super().manifest()
        if not self._bills:
            self.claims.note(
                ProblemKind.MISSING, 0, "CNI", "no consignment at all", kept="the voyage kept"
            )
        for bill in self._bills:
            self._judge_acids(bill)
        packed = _bills_by_container(self._bills)
        return replace(
            stated,
            consignments=tuple(self._bills),
            equipment=(
                *(replace(unit, bills=packed.get(unit.container, ())) for unit in self.units),
                *(
                    Equipment(container=box, bills=bills)
                    for box, bills in packed.items()
                    if box not in listed
                ),
            ),
        )

    def _judge_acids(self, bill: Consignment) -> None:
        if len(bill.acids) > 1:
            self.claims.note(
                ProblemKind.IDENTIFIER,
                0,
                "RFF",
                f"bill {quoted(bill.bill)} states {len(bill.acids)} ACIDs; one is the rule",
                kept="all kept",
            )

    def _group_begins(self, segment: Segment) -> None:
        self._group_ends()
        self.handlers = self._in_group
        self._group, self._is_open = code(segment.at(2)), True

    def _group_ends(self) -> None:
        """A group without any bill number is one consignment under the group's own number."""
        if self._is_open:
            self._bill(self._group)
        self._is_open = self._is_makeshift = False

    def _bill(self, number: str) -> None:
        if len(self._bills) >= MAX_CONSIGNMENTS:
            raise DocumentRefusedError(f"more than {MAX_CONSIGNMENTS} bills in one message")
        master = self._group if self._group != number else ""
        self._bills.append(Consignment(bill=number, master_bill=master))
        self._is_open = self._is_makeshift = False

    def _begun(self) -> None:
        """See to it that there is a bill for what follows."""
        if self._is_open:
            self._bill(self._group)

    def _refer(self, segment: Segment) -> None:
        kind, number = segment.at(1).strip(), code(segment.at(1, 2))
        options = self.options
        if not number:
            return
        if kind in options.bill_qualifiers:
            self._name_bill(number)
        elif kind in options.master_bill_qualifiers:
            self._begun()
            self._amend(master_bill=number)
        elif kind in options.acid_qualifiers:
            self._begun()
            self._add_acid(self.claims.acid(number, segment.number, "RFF"))
        elif kind in options.tax_qualifiers and self._bills and self._bills[-1].parties:
            *before, party = self._bills[-1].parties
            tax_number = self.claims.tax_number(number, segment.number, "RFF")
            self._amend(parties=(*before, replace(party, tax_number=tax_number)))
        elif self._is_open:
            self._take_makeshift(kind, number, segment)
        else:
            self._keep_reference(kind, number, segment)

    def _name_bill(self, number: str) -> None:
        """Begin a consignment; one that only had a makeshift number and nothing else is it."""
        if self._is_makeshift:
            self._amend(bill=number)
            self._is_makeshift = False
            return
        self._bill(number)

    def _take_makeshift(self, kind: str, number: str, segment: Segment) -> None:
        self._bill(number)
        self._is_makeshift = True
        self._amend(references=((kind, number),))
        self.claims.note(
            ProblemKind.UNKNOWN,
            segment.number,
            "RFF",
            f"reference {quoted(kind)} stands where a bill of lading is expected",
            kept=f"{quoted(number)} taken as the bill's number unless one follows",
        )

    def _keep_reference(self, kind: str, number: str, segment: Segment) -> None:
        references = self._bills[-1].references
        if len(references) >= MAX_PARTS:
            raise DocumentRefusedError(f"more than {MAX_PARTS} references of one bill")
        self._amend(references=(*references, (kind, number)))
        if len(number) == _ACID_SIGNS and number.isdigit():
            self.claims.note(
                ProblemKind.UNKNOWN,
                segment.number,
                "RFF",
                f"reference {quoted(kind)} has the 19 digits of an ACID",
                kept=f"kept as a reference; if it is one, add {kind} to acid_qualifiers",
            )

    def _amend(self, **stated: object) -> None:
        self._bills[-1] = replace(self._bills[-1], **stated)

    def _add_acid(self, number: str) -> None:
        acids = self._bills[-1].acids
        if number not in acids and len(acids) < MAX_PARTS:
            self._amend(acids=(*acids, number))

    def _locate(self, segment: Segment) -> None:
        self._begun()
        self._is_makeshift = False
        field = _PORTS.get(segment.at(1).strip())
        if field and segment.at(2):
            self._amend(**{field: self.claims.place(segment.at(2), segment.number, "LOC")})

    def _name_party(self, segment: Segment) -> None:
        self._begun()
        self._is_makeshift = False
        parties = self._bills[-1].parties
        if len(parties) >= MAX_PARTS:
            raise DocumentRefusedError(f"more than {MAX_PARTS} parties of one bill")
        self._amend(parties=(*parties, self.voyage.party(segment)))

    def _item_begins(self, segment: Segment) -> None:
        self._begun()
        self._is_makeshift = False
        goods = self._bills[-1].goods
        if len(goods) >= MAX_PARTS:
            raise DocumentRefusedError(f"more than {MAX_PARTS} items of goods in one bill")
        item = Goods(
            number=code(segment.at(1)),
            packages=self.claims.pieces(segment.at(2), segment.number, "GID"),
            package_kind=code(segment.at(2, 2)),
        )
        self._amend(goods=(*goods, item))

    def _amend_item(self, **stated: object) -> None:
        if not self._is_open and self._bills and self._bills[-1].goods:
            *before, item = self._bills[-1].goods
            self._amend(goods=(*before, replace(item, **stated)))

    def _describe(self, segment: Segment) -> None:
        text = prose(" ".join(segment.all(4)))
        if segment.at(1) == _GOODS_TEXT:
            self._amend_item(description=text)
        if not self._is_open and self._bills:
            for number in _PRINTED.findall(text.upper()):
                self.claims.note(
                    ProblemKind.MISSING,
                    segment.number,
                    "FTX",
                    "an ACID is printed in a text",
                    kept="taken as the bill's ACID" if not self._bills[-1].acids else "compared",
                )
                self._add_acid(self.claims.acid(number, segment.number, "FTX"))

    def _weigh_item(self, segment: Segment) -> None:
        if dimension(segment) in GROSS:
            self._amend_item(gross_kg=kilograms(segment, self.claims))

    def _place_item(self, segment: Segment) -> None:
        if not segment.at(1) or self._is_open or not self._bills or not self._bills[-1].goods:
            return
        box = self.claims.container(segment.at(1), segment.number, "SGP")
        containers = self._bills[-1].goods[-1].containers
        if len(containers) >= MAX_PARTS:
            raise DocumentRefusedError(f"more than {MAX_PARTS} containers for one item of goods")
        self._amend_item(containers=(*containers, box))

    def _classify(self, segment: Segment) -> None:
        self._amend_item(hs_code=self.claims.hs_code(segment.at(2), segment.number, "CST"))

    def _name_box(self, segment: Segment) -> None:
        if self.is_box(segment):
            self.unit(self.numbered(segment))


def _bills_by_container(bills: list[Consignment]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for bill in bills:
        for box in bill.containers:
            found.setdefault(box, {})[bill.bill] = None
    return {box: tuple(numbers) for box, numbers in found.items()}
