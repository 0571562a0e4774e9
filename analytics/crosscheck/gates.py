"""Where containers pass a camera or a reader of seals, and what their passing means."""

import tomllib

import msgspec
from msgspec import Struct

from analytics.crosscheck.facts import MoveKind
from haechi.aci.shipment import Place
from haechi.fields import DeviceName


class GateError(ValueError):
    """The file of gates cannot be used; the text says why."""


class Gate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One device past which containers are moved."""

    device: DeviceName
    port: Place
    kind: MoveKind
    """``GTIN`` and ``GTOT`` at a gate, ``LOAD`` and ``DISC`` at a crane."""


class _Gates(Struct, frozen=True, forbid_unknown_fields=True):
    gate: tuple[Gate, ...] = ()


def read_gates(text: str) -> tuple[Gate, ...]:
    """Return the gates of a TOML file.

    Raises:
        GateError: it is not TOML, says something else, or has two gates for one device.

    >>> read_gates('''
    ... [[gate]]
    ... device = "cctv-gate"
    ... port = "KRPUS"
    ... kind = "GTIN"
    ... ''')[0].device
    'cctv-gate'
    """
    try:
        gates = msgspec.convert(tomllib.loads(text), _Gates).gate
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise GateError(f"gates: {error}") from error
    devices = [gate.device for gate in gates]
    twice = sorted({each for each in devices if devices.count(each) > 1})
    if twice:
        raise GateError(f"gates: {', '.join(twice)} stands at two: one device is one gate")
    return gates
