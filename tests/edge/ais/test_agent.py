"""An address names a source."""

from pathlib import Path

import pytest

from edge.ais.agent import open_source
from edge.ais.recording import Recording
from edge.ais.sources import PipeSource, TcpSource, UdpSource
from edge.sources import SourceError


def test_an_address_names_a_source(tmp_path: Path) -> None:
    """Two kinds of network, standard input, and files."""
    listening = open_source("udp://127.0.0.1:0")
    assert isinstance(listening, UdpSource)
    listening.close()
    assert isinstance(open_source("tcp://192.0.2.1:5631"), TcpSource)
    assert isinstance(open_source("-"), PipeSource)
    assert isinstance(open_source(str(tmp_path / "a.nmea")), Recording)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "tcp://127.0.0.1", "udp://:99999"])
def test_an_address_that_names_nothing(address: str) -> None:
    """The error says what would."""
    with pytest.raises(SourceError, match="not udp://HOST:PORT"):
        open_source(address)
