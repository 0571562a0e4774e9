"""The file of gates: read, or refused with what is wrong with it."""

import pytest

from analytics.crosscheck.facts import MoveKind
from analytics.crosscheck.gates import GateError, read_gates

GATE = '[[gate]]\ndevice = "cctv-1"\nport = "KRPUS"\nkind = "DISC"\n'


def test_each_device_is_one_gate() -> None:
    """Of a port, and what passing it means."""
    (gate,) = read_gates(GATE)
    assert (gate.device, gate.port, gate.kind) == ("cctv-1", "KRPUS", MoveKind.DISCHARGED)
    assert read_gates("") == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (GATE + GATE, "cctv-1 stands at two"),
        (GATE.replace("DISC", "LEFT"), "kind"),
        (GATE.replace("KRPUS", "Busan"), "port"),
        (GATE.replace("gate", "door"), "door"),
        ("[[gate]", "gates: "),
    ],
)
def test_a_file_that_is_wrong_says_so(text: str, why: str) -> None:
    """With the field, or with the device that is there twice."""
    with pytest.raises(GateError, match=why):
        read_gates(text)
