"""A real Mosquitto on a generated server folder, and clients that write down what they see."""

import signal
import socket
import ssl
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from typing import Any, Final, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.broker.authority import Credential, Kind, issue
from ingest.broker.enrolment import enroll
from ingest.broker.folder import write_server_folder
from ingest.broker.names import Enrolment
from ingest.broker.probe import connect_packet

NOW: Final = datetime.now(UTC)
HOST: Final = "127.0.0.1"
MOSQUITTO: Final = "/usr/sbin/mosquitto"
V5, V311 = MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311
WAIT_S: Final = 10
ALL_SEEING: Final = "svc-author"
"""Only in tests: a service that may read and write everything."""


class Party:
    """One MQTT client; each call returns when the broker has answered it."""

    def __init__(
        self,
        port: int,
        *,
        client_id: str = "",
        tls: ssl.SSLContext | None = None,
        version: MQTTProtocolVersion = V5,
        will: str | None = None,
        durable: bool = False,
        receive_maximum: int | None = None,
    ) -> None:
        self.received: Queue[tuple[str, bytes]] = Queue()
        self.lost: Queue[str] = Queue()
        self._answers: Queue[list[int]] = Queue()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=version,
            manual_ack=receive_maximum is not None,
            reconnect_on_failure=False,
        )
        if tls is not None:
            self._client.tls_set_context(tls)  # pyright: ignore[reportUnknownMemberType] - half typed driver
        if will is not None:
            self._client.will_set(will, b"will", qos=1)
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish
        self._client.on_subscribe = self._on_subscribe
        self._client.on_disconnect = self._on_disconnect
        self._client.on_connect = self._on_connect
        self._connected: Queue[bool] = Queue()
        if version is V5:
            properties = _connect_properties(durable=durable, receive_maximum=receive_maximum)
            self._client.connect(HOST, port, clean_start=not durable, properties=properties)
        else:
            self._client.connect(HOST, port)
        self._client.loop_start()
        self.session_present = self._connected.get(timeout=WAIT_S)

    def publish(self, topic: str, payload: bytes = b"x", qos: int = 1) -> int:
        """Publish, and return the reason code of the PUBACK; 3.1.1 has none and says 0."""
        self._client.publish(topic, payload, qos)
        return self._answers.get(timeout=WAIT_S)[0]

    def publish_many(self, topic: str, payload: bytes, count: int) -> None:
        """Publish without waiting for each PUBACK, but for all of them."""
        for _ in range(count):
            self._client.publish(topic, payload, 1)
        for _ in range(count):
            self._answers.get(timeout=WAIT_S)

    def subscribe(self, topic: str, qos: int = 1) -> None:
        """Subscribe; whatever the broker had to deliver before, has then been received."""
        self._client.subscribe(topic, qos)
        self._answers.get(timeout=WAIT_S)

    def seen(self) -> list[tuple[str, bytes]]:
        """Return what was received until now: the broker answers in order, so nothing is late."""
        self.subscribe("barrier", 0)
        return [self.received.get() for _ in range(self.received.qsize())]

    def leave_with_will(self) -> None:
        """End the session so that the broker publishes the will (MQTT 5, reason code 0x04)."""
        self._client.disconnect(ReasonCode(PacketTypes.DISCONNECT, identifier=4))
        self.lost.get(timeout=WAIT_S)

    def close(self) -> None:
        """Disconnect in order."""
        self._client.disconnect()
        self._client.loop_stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _on_connect(
        self, _c: object, _d: object, flags: paho.ConnectFlags, _code: object, _p: object
    ) -> None:
        self._connected.put(flags.session_present)

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        self.received.put((message.topic, bytes(message.payload)))

    def _on_publish(self, _c: object, _d: object, _mid: int, code: ReasonCode, _p: object) -> None:
        self._answers.put([code.value])

    def _on_subscribe(
        self, _c: object, _d: object, _mid: int, codes: Sequence[ReasonCode], _p: object
    ) -> None:
        self._answers.put([code.value for code in codes])

    def _on_disconnect(self, _c: object, _d: object, _f: object, code: ReasonCode, _p: Any) -> None:
        self.lost.put(str(code))


def _connect_properties(*, durable: bool, receive_maximum: int | None) -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # half typed driver
    if durable:
        properties.SessionExpiryInterval = 3600
    if receive_maximum is not None:
        properties.ReceiveMaximum = receive_maximum
    return properties


@dataclass
class Rig:
    """A server's broker: its folder, its process and its two listeners."""

    folder: Path
    device_port: int
    service_port: int
    process: subprocess.Popen[bytes]

    def enrol(self, site: str, device: str) -> ssl.SSLContext:
        """Let a device in, and return what it connects with."""
        certificate = enroll(self.folder, Enrolment(site, device))
        self.reread()
        return self.context(certificate)

    def context(self, certificate: Path | None) -> ssl.SSLContext:
        """Return a TLS client that trusts the broker and shows ``certificate``."""
        context = ssl.create_default_context(cafile=self.folder / "tls" / "server-ca.crt")
        if certificate is not None:
            context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        return context

    def service(self, name: str) -> ssl.SSLContext:
        """Return what a service connects with."""
        return self.context(self.folder / "services" / f"{name}.crt")

    def held(self, credential: Credential) -> ssl.SSLContext:
        """Return a TLS client that shows a credential made in the test."""
        certificate = self.folder / "forged.crt"
        certificate.write_bytes(credential.certificate_pem)
        certificate.with_suffix(".key").write_bytes(credential.key_pem)
        return self.context(certificate)

    def authority(self, kind: Kind) -> Credential:
        """Return an authority with its key."""
        base = self.folder / "authority" / kind
        crt, key = (base.with_name(f"{kind}.{end}").read_bytes() for end in ("crt", "key"))
        return Credential.parse(crt, key)

    def reread(self) -> None:
        """Make the broker read rules and revocations again, and return when it has."""
        self.process.send_signal(signal.SIGHUP)
        assert admitted(self.service_port, self.service(ALL_SEEING))

    def restart(self) -> None:
        """End the broker in order and start it again; it may not serve yet on return."""
        self.process.terminate()
        self.process.wait()
        self.process = _launch(self.folder)

    def serves(self) -> bool:
        """Return whether both listeners admit a right certificate."""
        nobody = self.held(issue(self.authority(Kind.DEVICE), "nobody", Kind.DEVICE, NOW))
        doors = {self.service_port: self.service(ALL_SEEING), self.device_port: nobody}
        return all(admitted(port, context) for port, context in doors.items())

    def device(self, context: ssl.SSLContext, **options: Any) -> Party:
        """Connect at the devices' listener."""
        return Party(self.device_port, tls=context, **options)

    def author(self) -> Party:
        """Connect as the service that may do everything."""
        return Party(self.service_port, tls=self.service(ALL_SEEING), client_id=ALL_SEEING)


def _launch(folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        command = [MOSQUITTO, "-c", str(folder / "mosquitto.conf")]
        return subprocess.Popen(command, stdout=log, stderr=log)


def make_rig(folder: Path) -> Rig:
    """Write a server folder and start the broker in it, as the guide says."""
    device_port, service_port = free_ports()
    write_server_folder(folder, HOST, bind=HOST, device_port=device_port, service_port=service_port)
    with (folder / "service.acl").open("a") as rules:
        rules.write(f"\nuser {ALL_SEEING}\ntopic readwrite #\ntopic read $SYS/#\n")
    rig = Rig(folder, device_port, service_port, _launch(folder))
    known = issue(rig.authority(Kind.SERVICE), ALL_SEEING, Kind.SERVICE, NOW)
    (folder / "services" / f"{ALL_SEEING}.crt").write_bytes(known.certificate_pem)
    (folder / "services" / f"{ALL_SEEING}.key").write_bytes(known.key_pem)
    return rig


def admitted(port: int, context: ssl.SSLContext) -> bool:
    """Return whether a CONNECT is answered by a CONNACK that says Success."""
    try:
        with (
            socket.create_connection((HOST, port), WAIT_S) as plain,
            context.wrap_socket(plain, server_hostname=HOST) as wire,
        ):
            wire.sendall(connect_packet("probe"))
            answer = wire.recv(4)
            return answer[:1] == b"\x20" and answer[3:4] == b"\x00"
    except OSError:
        return False


def free_ports() -> tuple[int, int]:
    """Return two ports that nobody listens on."""
    with socket.create_server((HOST, 0)) as one, socket.create_server((HOST, 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]
