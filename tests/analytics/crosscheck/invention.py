"""Invents lawful voyages of any length, with all that is seen of them; all of it synthetic."""

from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

import numpy as np
from msgspec.structs import replace

from analytics.crosscheck.facts import (
    AnyFact,
    CarrierCheck,
    ManifestLine,
    Move,
    MoveKind,
    PortVisit,
    SealOpened,
    SealRole,
    SealSeen,
    Source,
    Weighing,
)
from haechi.aci.shipment import Packing, Shipment
from haechi.aci.voyage import Call, Voyage
from haechi.ids import container_check_digit
from tests.haechi.aci.cargo import BILL, LOADING, SHIPMENT, TAX_NUMBER, VOYAGE

ON_THE_WAY = ("SGSIN", "LKCMB", "SAJED", "EGSUZ")
HOUR = timedelta(hours=1)


class Invented:
    """One lawful voyage."""

    def __init__(self, seed: int) -> None:
        """Draw its ports, times and boxes."""
        self._luck = np.random.default_rng(seed)
        stops = int(self._luck.integers(0, 4))
        self.ports = ("KRPUS", *self._luck.permutation(ON_THE_WAY)[:stops].tolist(), "EGALY")
        self.visits = self._visits()
        self.boxes = tuple(self._box() for _ in range(int(self._luck.integers(1, 4))))

    @cached_property
    def shipment(self) -> Shipment:
        """As declared: expected a little earlier than it came, filed as late as is lawful."""
        last = self.visits[-1].at
        planned = replace(
            SHIPMENT.transport, planned_loading=LOADING, etd=self._left, eta=last - self._hours(23)
        )
        filed = LOADING - timedelta(hours=48)
        return replace(SHIPMENT, transport=planned, containers=self.boxes, filed_at=filed)

    @property
    def voyage(self) -> Voyage:
        """As declared."""
        calls = tuple(Call(port=visit.port, planned_arrival=visit.at) for visit in self.visits)
        return replace(VOYAGE, calls=calls, containers=())

    @cached_property
    def facts(self) -> list[AnyFact]:
        """What is seen of it."""
        return [*self.visits, *(fact for box in self.boxes for fact in self._seen(box))]

    @property
    def at_sea(self) -> datetime:
        """A moment between two ports."""
        pairs = [*pairwise(self.visits)]
        before, after = pairs[int(self._luck.integers(len(pairs)))]
        left = before.left or before.at
        return left + (after.at - left) / 2

    @property
    def _left(self) -> datetime:
        return self.visits[0].left or LOADING

    def _hours(self, most: float) -> timedelta:
        return float(self._luck.uniform(0, most)) * HOUR

    def _visits(self) -> list[PortVisit]:
        at, found = LOADING - self._hours(40), list[PortVisit]()
        for port in self.ports:
            left = max(at, LOADING + HOUR) + self._hours(30)
            end = None if port == self.ports[-1] else left
            found.append(PortVisit(at=at, source=Source.AIS, port=port, left=end))
            at = left + 20 * HOUR + self._hours(200)
        return found

    def _box(self) -> Packing:
        front = f"HAEU{self._luck.integers(10**6):06}"
        number = f"{front}{container_check_digit(front)}"
        kg = float(self._luck.uniform(2000, 24_000))
        return Packing(container=number, bill=BILL, seals=(f"H{front[4:]}",), gross_kg=kg)

    def _seen(self, box: Packing) -> list[AnyFact]:
        name, seal, kg = box.container, box.seals[0], box.gross_kg or 0
        aboard, ashore = LOADING + self._hours(1), self.visits[-1].at + self._hours(20)
        scale = kg + float(self._luck.uniform(1900, 5100))
        gate, port = Source.GATE, Source.TERMINAL
        line = ManifestLine(at=aboard, source=Source.MANIFEST, container=name, voyage="042W",
                            load_port="KRPUS", discharge_port="EGALY", gross_kg=kg)  # fmt: skip
        loaded, landed = MoveKind.LOADED, MoveKind.DISCHARGED
        return [
            SealSeen(at=aboard - HOUR, source=gate, container=name, seal=seal, role=SealRole.GATE),
            Weighing(at=aboard - HOUR, source=Source.SCALE, container=name, kg=scale),
            line,
            Move(at=aboard, source=port, container=name, kind=loaded, port="KRPUS"),
            Move(at=ashore, source=port, container=name, kind=landed, port="EGALY"),
            CarrierCheck(at=aboard, source=Source.CARRIER, importer=TAX_NUMBER, kind=loaded),
            SealOpened(at=ashore + HOUR, source=Source.SEAL, seal=seal, container=name),
        ]
