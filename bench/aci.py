"""Advance cargo against the bare database: verifying in bulk, and judging what is under way."""

import json
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from analytics.crosscheck.facts import FIELDS, AnyFact
from analytics.crosscheck.register import About, Act, KeptShipment, KeptVoyage, Party, terms_of
from bench import aci_import
from bench.measure import ROUNDS, Figure, folder, in_turn, median_ratio, say
from dashboards.aci_requests import Verify
from dashboards.aci_views import verified
from firmware_sim.cargo import Journey, Seen, journeys
from haechi.aci.policy import Policies, read_policies
from haechi.aci.shipment import Role
from haechi.settings import DEFAULTS
from ingest.aci.live import Live
from ingest.aci.register import SqlRegister
from ingest.aci.sqlite import SqliteDatabase
from ingest.stores.sqlite import SqliteStore

SHIPMENTS: Final = 5_000
ACIDS: Final = 100_000
CHUNK: Final = 1_000
NOW: Final = datetime(2026, 4, 1, tzinfo=UTC)
LOOP_S: Final = 2.0
"""Within this a shipment must turn red."""
_KINDS: Final = {kind.__name__: kind for kind in FIELDS}
_CARRIER: Final = Party(Role.CARRIER, "HXLU")


def measure(rounds: int = ROUNDS) -> list[Figure]:
    """Return both ratios, and what the live loop takes."""
    policies = read_policies((DEFAULTS / "aci_policy.toml").read_text(encoding="utf-8"))
    with folder() as place:
        kept = SqlRegister(SqliteDatabase(place / "aci.db"))
        say(f"  {SHIPMENTS} invented shipments with all that is seen of them")
        known = _fill(kept, policies)
        figures = [
            _verifying(kept, place / "aci.db", known, rounds),
            *_judging(kept, place, policies, rounds),
        ]
        kept.close()
    return [*figures, aci_import.measure()]


def _verifying(kept: SqlRegister, path: Path, known: list[str], rounds: int) -> Figure:
    """Hold the answer to a request of 100,000 ACIDs against the bare look-up of each thousand."""
    strangers = [f"{number:019}" for number in range(ACIDS - len(known))]
    asked = [*known, *strangers]
    body = json.dumps({"acids": asked}).encode()
    bare = sqlite3.connect(path)

    def ours() -> float:
        return _seconds(lambda: _answered(kept, body))

    def lookup() -> float:
        return _seconds(lambda: _looked_up(bare, asked))

    runs = in_turn(rounds, ours, lookup)
    bare.close()
    mine, theirs = (sorted(run[which] for run in runs)[len(runs) // 2] for which in range(2))
    return Figure(
        what=f"verify {ACIDS:,} ACIDs, JSON to JSON ÷ bare SQLite look-ups by the thousand",
        ratio=median_ratio((run[0], run[1]) for run in runs),
        parts=f"{mine:.2f} s ÷ {theirs:.2f} s; {len(known):,} are known",
    )


def _judging(kept: SqlRegister, place: Path, policies: Policies, rounds: int) -> list[Figure]:
    """Hold the judging of every shipment against the bare reading of what it rests on."""
    platform = SqliteStore(place / "haechi.db")
    live = Live(platform, kept, policies)
    _judged(live)
    bare = sqlite3.connect(place / "aci.db")

    def ours() -> float:
        bare.execute("UPDATE shipments SET changes = changes + 1")
        bare.commit()
        return _seconds(lambda: _judged(live))

    runs = in_turn(rounds, ours, lambda: _seconds(lambda: _read(bare)))
    mine, theirs = (sorted(run[which] for run in runs)[len(runs) // 2] for which in range(2))
    singles = sorted(_single(live, bare) for _ in range(10 * rounds))
    single = singles[len(singles) // 2]
    amid = sorted(_single_amid_all(live, bare) for _ in range(rounds))
    bare.close()
    platform.close()
    return [
        Figure(
            what=f"cross-check {SHIPMENTS:,} shipments and keep the results ÷ bare reading of them",
            ratio=median_ratio((run[0], run[1]) for run in runs),
            parts=f"{mine:.2f} s ÷ {theirs:.2f} s; {1e6 * mine / SHIPMENTS:.0f} µs a shipment",
        ),
        Figure(
            what=f"one vessel's change until her shipment is judged ÷ {LOOP_S:g} s",
            ratio=single / LOOP_S,
            at_most=1.0,
            parts=f"median {1000 * single:.1f} ms, worst {1000 * singles[-1]:.0f} ms "
            f"of {len(singles)} among {SHIPMENTS:,}; the loop adds at most 500 ms",
        ),
        Figure(
            what=f"the same while all others are to be judged too ÷ {LOOP_S:g} s",
            ratio=amid[-1] / LOOP_S,
            at_most=1.0,
            parts=f"worst of {rounds}: {amid[-1]:.2f} s, a round under way and its own",
        ),
    ]


def _single(live: Live, bare: sqlite3.Connection) -> float:
    bare.execute("UPDATE shipments SET changes = changes + 1 WHERE reference = 'S-42'")
    bare.commit()
    return _seconds(lambda: live.look(NOW))


def _single_amid_all(live: Live, bare: sqlite3.Connection) -> float:
    """Have all judged; as that begins, one more thing happens to the last of them."""
    bare.execute("UPDATE shipments SET changes = changes + 1")
    bare.commit()
    began = time.perf_counter()
    live.look(NOW)
    (last,) = bare.execute("SELECT max(reference) FROM shipments WHERE changes > judged").fetchone()
    bare.execute("UPDATE shipments SET changes = changes + 1 WHERE reference = ?", (last,))
    bare.commit()
    while last not in live.look(NOW):
        pass
    took_s = time.perf_counter() - began
    _judged(live)
    return took_s


def _judged(live: Live) -> None:
    while live.look(NOW):
        pass


def _answered(kept: SqlRegister, body: bytes) -> bytes:
    asked = msgspec.json.decode(body, type=Verify)
    return msgspec.json.encode(verified(kept, asked.acids, _CARRIER, NOW))


def _looked_up(bare: sqlite3.Connection, asked: list[str]) -> None:
    for begin in range(0, len(asked), CHUNK):
        chunk = asked[begin : begin + CHUNK]
        marks = ",".join("?" * len(chunk))
        bare.execute(f"SELECT state FROM shipments WHERE acid IN ({marks})", chunk).fetchall()  # noqa: S608 - only question marks


def _read(bare: sqlite3.Connection) -> None:
    """Read each shipment and its facts, without making anything of them."""
    for (reference,) in bare.execute("SELECT reference FROM shipments").fetchall():
        bare.execute("SELECT body FROM shipments WHERE reference = ?", (reference,)).fetchone()
        bare.execute(
            "SELECT f.body FROM subjects s JOIN facts f ON f.subject = s.name "
            "WHERE s.reference = ?",
            (reference,),
        ).fetchall()


def _fill(kept: SqlRegister, policies: Policies) -> list[str]:
    acids: list[str] = []
    for number, journey in enumerate(journeys(SHIPMENTS, seed=7)):
        shipment = journey.shipment
        policy = policies.at(shipment.rules_date or NOW.date())
        act = Act(party=_CARRIER, by="bench", at=NOW, what="create")
        sailing = KeptVoyage(id=f"v{number}", owner=_CARRIER, voyage=journey.voyage)
        with kept.writing() as writing:
            writing.put_voyage(sailing)
            writing.put_shipment(KeptShipment(shipment=shipment), act, terms_of(shipment, policy))
            writing.add_facts(_about(journey, seen) for seen in journey.seen)
        acids.append(journey.shipment.acid or "")
    return acids


def _about(journey: Journey, seen: Seen) -> About:
    """File what is seen under what it is about, as imports and the live loop do."""
    container = seen.values.get("container")
    subject = f"container:{container}" if container else f"acid:{journey.shipment.acid}"
    if seen.kind in {"PortVisit", "ShipSeen", "EtaReport", "LoadingComplete"}:
        subject = f"mmsi:{journey.voyage.vessel.mmsi}"
    return About(subject, _fact(seen))


def _fact(seen: Seen) -> AnyFact:
    values = {"at": seen.at, "source": seen.source, **seen.values}
    kind: Any = _KINDS[seen.kind]  # any of those that facts are
    fact: AnyFact = msgspec.convert(values, kind)
    return fact


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
