"""Seals from the command line, as the guide has it: simulate, carry, order."""

import os
import socket
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest

from edge.seal.keys import SharedSecret
from edge.seal.latches import KeptLatches
from edge.seal.states import SealState
from firmware_sim.seals import key_file, secret_of
from haechi import cli
from haechi.commands import logs
from haechi.seals import SealEventKind
from tests.conftest import Eventually
from tests.edge.rig import DEVICE, SITE, Broker, Ingest, free_port, needs_mosquitto
from tests.edge.seal.made import NUMBER, raw
from tests.processes import HAECHI, START_S, Actor, environment

pytestmark = needs_mosquitto


class Said(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


class Call(Protocol):
    """Runs a command in this process."""

    def __call__(self, *words: str) -> Said:
        """Return how it ended."""
        ...


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Call:
    """Return a runner of commands, in a folder of their own."""
    for name in [name for name in os.environ if name.startswith("HAECHI_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HAECHI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HAECHI_SITE", SITE)
    monkeypatch.setenv("HAECHI_MQTT_HOST", "127.0.0.1")
    monkeypatch.setattr(logs, "configure", str)

    def run(*words: str) -> Said:
        monkeypatch.setattr("sys.argv", ["haechi", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert isinstance(ended.value.code, int | None)
        said = capfd.readouterr()
        return Said(ended.value.code or 0, str(said.out), str(said.err))

    return run


@pytest.mark.timeout(200)
def test_simulated_seals_are_carried_and_orders_are_kept(
    tmp_path: Path, eventually: Eventually
) -> None:
    """The simulator serves, the real agent reads it with the keys it wrote, and both end well."""
    broker = Broker(tmp_path / "broker")
    ingest = Ingest(broker.endpoint)
    where = {"site": SITE, "mqtt_host": "127.0.0.1", "mqtt_port": broker.port}
    keys = tmp_path / "seals.keys"
    settings = environment(data_dir=tmp_path / "data", seal_keys_file=keys, **where)
    radio = Actor(
        [*HAECHI, "sim", "seals", "--seals", "3", "--keys", str(keys)],
        settings,
        tmp_path / "sim.log",
    )
    radio.start()
    eventually(radio.facts, within_s=START_S)
    facts = radio.facts() or {}
    address = f"tcp://{facts['host']}:{facts['port']}"
    gateway = Actor(
        [*HAECHI, "agent", "seal", address, "--device", DEVICE], settings, tmp_path / "agent.log"
    )
    gateway.start()
    try:
        eventually(lambda: len(ingest.kept) > 150, within_s=START_S, what="an hour of three seals")
        assert gateway.end() == 0
    finally:
        gateway.kill()
        radio.kill()
        ingest.stop()
    assert any(channel == "event" for channel, _ in ingest.messages), "arming goes first"
    assert "Traceback" not in gateway.said()
    broker.end()


def has_noted(latches: KeptLatches, state: SealState, counter: int) -> bool:
    """Return whether a gateway has put this on disk."""
    latch = latches.find(NUMBER)
    return latch is not None and (latch.state, latch.counter) == (state, counter)


@pytest.mark.timeout(200)
def test_s7_a_gateway_that_is_killed_knows_what_was_broken_until_an_order_mends_it(
    tmp_path: Path, eventually: Eventually, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S7: it believes no frame and no old order that all is well, and the registry's new one."""
    broker = Broker(tmp_path / "broker")
    ingest = Ingest(broker.endpoint)
    monkeypatch.setenv("HAECHI_MQTT_PORT", str(broker.port))
    secret = SharedSecret(secret_of(NUMBER, 7))
    keys, port = tmp_path / "seals.keys", free_port()
    keys.touch(mode=0o600)
    keys.write_text(key_file([NUMBER], 7))
    where = {"site": SITE, "mqtt_host": "127.0.0.1", "mqtt_port": broker.port}
    gateway = Actor(
        [*HAECHI, "agent", "seal", f"udp://127.0.0.1:{port}", "--device", DEVICE],
        environment(data_dir=tmp_path, seal_keys_file=keys, **where),
        tmp_path / "agent.log",
    )
    latches = KeptLatches(tmp_path / "edge" / DEVICE / "latches.sqlite")
    lives = [
        ((SealEventKind.LOCK, SealEventKind.UNLOCK), SealState.OPENED),
        ((SealEventKind.STATUS, SealEventKind.UNLOCK, SealEventKind.TAMPERING), SealState.TAMPERED),
    ]
    counter = 0
    with socket.socket(type=socket.SOCK_DGRAM) as radio:
        for events, state in lives:
            gateway.start()
            eventually(gateway.facts, within_s=START_S, what="the gateway listens")
            for event in events:
                counter += 1
                radio.sendto(raw(counter, event=event, key=secret), ("127.0.0.1", port))
            noted = partial(has_noted, latches, state, counter)
            eventually(noted, what="the gateway has noted it")
            gateway.kill()
            assert gateway.said().count("seal broken") == 1
        gateway.start()
        eventually(gateway.facts, within_s=START_S, what="the gateway listens")
        rearm = ("seal", "rearm", NUMBER, "--gateway", DEVICE, "--by", "Kim", "--order")
        old = call(*rearm, "O-1", "--made", "2026-01-01T11:00:00Z")
        assert (old.status, old.out[:22]) == (1, "refused: order O-1 was")
        assert "was tampered at 2026-01-01 12:00:00: look at it, and bind it anew" in old.out
        bound = call("seal", "order", "bind", NUMBER, "--order", "O-2", "--by", "Kim")
        done = call(*rearm, "O-2", "--made", bound.out.split()[-1])
        said = f"done: seal {NUMBER}, which was tampered, serves order O-2\n"
        assert (done.status, done.out) == (0, said)
        radio.sendto(raw(counter + 1, key=secret, at=datetime.now(UTC)), ("127.0.0.1", port))
        noted = partial(has_noted, latches, SealState.SEALED, counter + 1)
        eventually(noted, what="the seal serves its new journey")
    assert gateway.end() == 0
    latches.close()
    ingest.stop()
    broker.end()


def test_an_order_without_a_link_waits_on_disk_and_goes_with_the_next(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, eventually: Eventually
) -> None:
    """Status 1 and what happened; the next order takes it along."""
    monkeypatch.setenv("HAECHI_MQTT_PORT", str(free_port()))
    bind = ("bind", "SIM-000001", "--container", "CSQU3054383", "--wait", "0.5")
    alone = call("seal", "order", *bind, "--device", DEVICE)
    assert alone.status == 1
    assert "on disk, not acknowledged yet" in alone.out
    broker = Broker(tmp_path / "broker")
    ingest = Ingest(broker.endpoint)
    monkeypatch.setenv("HAECHI_MQTT_PORT", str(broker.port))
    try:
        withdraw = ("withdraw", "SIM-000001", "--order", "O-1", "--device", DEVICE)
        then = call("seal", "order", *withdraw)
        assert then.status == 0, then.err
        assert "\nO-1: the platform has it, as of 20" in then.out
        eventually(lambda: len(ingest.kept) == 2)
    finally:
        ingest.stop()
        broker.end()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("seal order destroy SIM-000001", "'destroy' is not one of"),
        ("seal order bind x", "not a seal number"),
        ("seal order bind SIM-000001 --container CSQU3054384", "wrong check digit"),
        ("seal order bind SIM-000001 --acid 12", "$.acid"),
        ("seal order withdraw SIM-000001", "--order: say which order"),
        ("seal rearm SIM-000001 --gateway G --order O-1 --made 2026-01-01", "not a device"),
        ("seal rearm x --gateway gate-1 --order O-1 --made 2026-01-01", "not a seal number"),
        ("seal rearm SIM-000001 --gateway gate-1 --order O-1 --made noon", "--made: Invalid"),
        ("seal order disarm SIM-000001 --device X", "not a device"),
        ("agent seal udp://127.0.0.1:0", "HAECHI_SEAL_KEYS_FILE"),
        ("sim seals --keys absent/seals.keys", "absent/seals.keys"),
    ],
)
def test_a_mistake_is_said_and_nothing_is_done(call: Call, words: str, says: str) -> None:
    """Status 2, no trace."""
    said = call(*words.split())
    assert (said.status, said.out) == (2, "")
    assert says in said.err
    assert "Traceback" not in said.err


def test_a_file_of_keys_that_others_may_read_is_refused(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With what to do."""
    (tmp_path / "seals.keys").write_text("")
    (tmp_path / "seals.keys").chmod(0o644)
    monkeypatch.setenv("HAECHI_SEAL_KEYS_FILE", str(tmp_path / "seals.keys"))
    assert "chmod 600" in call("agent", "seal", "udp://127.0.0.1:0").err
