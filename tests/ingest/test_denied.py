"""S2: ingest takes nothing from who is denied, from the moment that the file says so."""

from dataclasses import replace
from pathlib import Path

import pytest

from haechi.messages import Message, Reading, encode
from haechi.vessels import VesselPosition
from ingest.denied import DENIED, DenyList
from ingest.ports import StoreUnavailableError
from ingest.stores.memory import MemoryStore
from tests.ingest.rig import NOW, TOPIC, Trace, delivery, pipeline

HERE = VesselPosition(lat=35.1, lon=129.0)
BODY = encode(
    Message(
        device="ais-1",
        boot="boot-1",
        readings=(Reading(seq=1, at=NOW, subject="mmsi:440000001", content=HERE),),
    )
)


def test_a_file_that_is_not_there_denies_nobody(tmp_path: Path) -> None:
    """Nobody has been revoked yet."""
    assert DenyList(tmp_path / DENIED).reasons() == {}


def test_the_file_is_followed_and_what_it_said_last_is_kept(tmp_path: Path) -> None:
    """Whoever removes it lets nobody in."""
    path, new = tmp_path / DENIED, tmp_path / "new"
    listed = DenyList(path)
    for name in ("cam-01", "cam-02"):
        new.write_text(f"{name} revoked since 2026-01-01T00:00:00Z\n\n")
        new.replace(path)
        assert listed.reasons() == {name: f"denied: {name} revoked since 2026-01-01T00:00:00Z"}
    path.unlink()
    assert [*listed.reasons()] == ["cam-02"]


def test_a_list_that_cannot_be_read_stops_everything(tmp_path: Path) -> None:
    """Nothing is acknowledged, so nothing is lost, and nobody is believed by mistake."""
    (tmp_path / DENIED).mkdir()
    with pytest.raises(StoreUnavailableError, match="denied"):
        DenyList(tmp_path / DENIED).reasons()


def test_a_denied_device_is_refused_and_kept_and_told_so(tmp_path: Path) -> None:
    """S2: the letter holds the bytes and the reason; the neighbour is not affected."""
    store, trace = MemoryStore(), Trace()
    at_work = replace(pipeline(store, trace), deny_list=DenyList(tmp_path / DENIED))
    (tmp_path / DENIED).write_text("ais-1 revoked since 2026-01-01T00:00:00Z\n")
    other = TOPIC.replace("ais-1", "ais-2")
    settled = at_work.take(
        [delivery(BODY), delivery(BODY.replace(b"ais-1", b"ais-2"), topic=other)], NOW
    )
    assert [observation.device for observation in settled.new] == ["ais-2"]
    (letter,) = store.dead_letters(9)
    assert (letter.payload, letter.topic) == (BODY, TOPIC)
    assert letter.reason == "denied: ais-1 revoked since 2026-01-01T00:00:00Z"
    (refused,) = [each for ack in trace.acks for each in ack.refused_payloads]
    assert refused.reason == letter.reason
