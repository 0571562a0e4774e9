"""What the guide to receivers says is so."""

import re
from pathlib import Path

from edge.ais.agent import open_source
from edge.ais.positions_csv import Columns
from edge.ais.recording import Recording
from edge.ais.sources import LONGEST_DELAY_S, SILENCE_LIMIT_S, TcpSource, UdpSource
from edge.undecodable import KEPT_LIMIT

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs/ais.md").read_text(encoding="utf-8")


def test_every_address_of_the_guide_names_a_source() -> None:
    """Ports are changed to any free one before we listen."""
    addresses = re.findall(r"^\| `([^ `]+)` \| (?:we|the|a|standard)", GUIDE, re.MULTILINE)
    sources = [open_source(re.sub(r":10110$", ":0", address)) for address in addresses]
    for source in sources:
        if isinstance(source, UdpSource):
            source.close()
    kinds = [type(source) for source in sources]
    assert kinds[:3] == [UdpSource, UdpSource, TcpSource]
    assert kinds[-1] is Recording
    assert len(kinds) == 5


def test_every_reason_is_in_the_guide() -> None:
    """A person who finds a count can look up what it means."""
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "edge/ais").glob("*.py"))
    reasons = set(re.findall(r'(?:UndecodableError\(|_refuse\([^"]*)f?"([^"]+)"', code))
    quantities = set(re.findall(r'Scale\("(\w+)"', code))
    reasons = {reason for reason in reasons if "{" not in reason}
    reasons |= {f"{quantity} out of range" for quantity in quantities}
    assert len(reasons) > 15
    assert [reason for reason in sorted(reasons) if f"`{reason}`" not in GUIDE] == []


def test_the_mapping_of_the_guide_is_one() -> None:
    """It names every column there is."""
    mapping = re.search(r"^id=.*$", GUIDE, re.MULTILINE)
    assert mapping
    assert all(Columns.parse(mapping[0]))


def test_the_numbers_of_the_guide() -> None:
    """They are those of the code."""
    assert f"30 s); {SILENCE_LIMIT_S:.0f} s of silence" in GUIDE
    assert LONGEST_DELAY_S == 30
    assert f"the newest {KEPT_LIMIT:,} inputs" in GUIDE
