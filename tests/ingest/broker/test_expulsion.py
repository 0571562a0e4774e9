"""Revocation is three acts, and all three are seen on a real broker with a live connection."""

import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty

import pytest

from haechi.mqtt import Delivery
from ingest.broker.enrolment import resume, revoke, rotate, suspend
from ingest.broker.expulsion import deny, expel, kick, reread
from ingest.broker.folder import write_server_folder
from ingest.broker.names import Enrolment
from ingest.broker.probe import connect_packet, is_admitted
from ingest.denied import DenyList, refusal
from tests.conftest import Eventually
from tests.ingest.broker.rig import HOST, Rig, admitted

CAMERA = Enrolment("busan", "cam-01")
TELEMETRY = "haechi/v1/busan/cam-01/up/telemetry"
LIMIT_S = 5
TAKEN = 0x10
"""No matching subscribers: accepted, and nobody listens in these tests."""


def refused_by_ingest(deny_file: Path, topic: str = TELEMETRY) -> bool:
    """Return whether ingest would take nothing on a topic."""
    said = Delivery(topic, b"{}", False, None, 1, 1)  # noqa: FBT003 - not retained
    return refusal(said, DenyList(deny_file).reasons(), datetime.now(UTC)) is not None


def test_a_revoked_device_is_out_within_five_seconds(rig: Rig, tmp_path: Path) -> None:
    """S2: ingest denies it, no new connection is admitted, and the live one ends."""
    deny_file = tmp_path / "data" / "denied"
    right, other = rig.enrol("busan", "cam-01"), rig.enrol("busan", "cam-02")
    with rig.device(right) as live, rig.device(other) as neighbour:
        assert live.publish(TELEMETRY) == TAKEN
        revoke(rig.folder, CAMERA)
        acts = [*expel(rig.folder, "cam-01", deny_file)]
        assert [act.error for act in acts] == [None, None, None]
        assert acts[-1].after_s < LIMIT_S
        assert live.lost.get(timeout=LIMIT_S)
        assert not admitted(rig.device_port, right)
        assert refused_by_ingest(deny_file)
        assert neighbour.publish("haechi/v1/busan/cam-02/up/telemetry") == TAKEN
        assert neighbour.lost.empty()


def test_a_suspended_device_comes_back_with_the_certificate_it_has(
    rig: Rig, tmp_path: Path, eventually: Eventually
) -> None:
    """S2: while it is on hold it cannot even connect, so its readings stay in its outbox."""
    deny_file = tmp_path / "denied"
    right = rig.enrol("busan", "cam-01")
    with rig.device(right) as live:
        suspend(rig.folder, CAMERA)
        assert not any(act.error for act in expel(rig.folder, "cam-01", deny_file))
        assert live.lost.get(timeout=LIMIT_S)
    assert not admitted(rig.device_port, right)
    assert refused_by_ingest(deny_file)
    resume(rig.folder, CAMERA)
    deny(rig.folder, deny_file)
    reread(rig.folder)
    eventually(lambda: admitted(rig.device_port, right), what="the device is let in again")
    assert not refused_by_ingest(deny_file)


def test_a_kick_alone_is_not_enough(rig: Rig, eventually: Eventually) -> None:
    """Control: the cut device comes back at once, so the test above sees what the others do."""
    right = rig.enrol("busan", "cam-01")
    with rig.device(right) as live:
        kick(rig.folder, "cam-01")
        assert live.lost.get(timeout=LIMIT_S)
    eventually(lambda: admitted(rig.device_port, right), what="it is back")


def test_both_certificates_are_good_for_the_overlap(rig: Rig) -> None:
    """The device changes over when it can; nothing is cut meanwhile."""
    before = rig.enrol("busan", "cam-01")
    with rig.device(before) as live:
        after = rig.context(rotate(rig.folder, CAMERA))
        rig.reread()
        assert live.publish(TELEMETRY) == TAKEN
        with pytest.raises(Empty):
            live.lost.get_nowait()
    assert admitted(rig.device_port, before)
    assert admitted(rig.device_port, after)


def test_a_tls_session_does_not_outlive_its_certificate(rig: Rig, tmp_path: Path) -> None:
    """S2: a session that is resumed shows no certificate again, so it must not be resumed."""
    right = rig.enrol("busan", "cam-01")

    def talk(earlier: ssl.SSLSession | None) -> tuple[bool, ssl.SSLSession | None]:
        try:
            with (
                socket.create_connection((HOST, rig.device_port), LIMIT_S) as plain,
                right.wrap_socket(plain, server_hostname=HOST, session=earlier) as wire,
            ):
                wire.sendall(connect_packet("cam-01"))
                return is_admitted(wire), wire.session
        except OSError:
            return False, None

    is_in, session = talk(None)
    assert is_in
    revoke(rig.folder, CAMERA)
    assert not any(act.error for act in expel(rig.folder, "cam-01", tmp_path / "denied"))
    assert talk(session)[0] is False
    assert talk(None)[0] is False


def test_each_act_is_done_though_another_fails(tmp_path: Path) -> None:
    """Without a broker here ingest still denies the device, and the others say what to do."""
    write_server_folder(tmp_path / "broker", "127.0.0.1", bind="127.0.0.1", service_port=1)
    acts = [*expel(tmp_path / "broker", "cam-01", tmp_path / "denied")]
    assert [act.error is None for act in acts] == [True, False, False]
    assert "kill -HUP" in str(acts[1].error)
