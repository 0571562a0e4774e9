"""The wire contract for other people's tools, generated from the message types themselves."""

import json
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from haechi.commanding import Command
from haechi.findings import Severity
from haechi.messages import Ack, DeviceState, Message
from haechi.pushes import Alert
from haechi.topics import UPWARD

MESSAGES: Final = ("Message", "Ack", "DeviceState", "Command", "Alert")

_TYPES: Final = (Message, Ack, DeviceState, Command, Alert)

_PARAMETERS: Final[dict[str, Any]] = {
    "site": {"description": "Port or sector; the shard."},
    "device": {"description": "Name of the device, the same as in its certificate."},
}


def json_schema() -> dict[str, Any]:
    """Return one JSON Schema (draft 2020-12) with every wire type under ``$defs``."""
    _, components = msgspec.json.schema_components(_TYPES, ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Haechi messages, version 1",
        "$defs": _published(components),
    }


def asyncapi() -> dict[str, Any]:
    """Return the AsyncAPI 3 document: channels, who sends, who receives."""
    _, schemas = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Haechi",
            "version": "1",
            "description": "MQTT 5, QoS 1, durable sessions. The topic is the only authority on "
            "identity. An agent forgets a reading only on the acknowledgement sent on down/ack.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": _channels(),
        "operations": _operations(),
        "components": {
            "schemas": _published(schemas),
            "messages": {name: _message(name) for name in MESSAGES},
        },
    }


def _channels() -> dict[str, Any]:
    upward = {
        f"{channel}": _channel(f"up/{channel}", "Message", f"Readings: {channel}.")
        for channel in UPWARD
    }
    return {
        **upward,
        "ack": _channel("down/ack", "Ack", "What ingest has committed or refused."),
        "command": _channel("down/command", "Command", "What a device is told to do."),
        "state": _channel(
            "state", "DeviceState", "How the device is; retained, also the last will."
        ),
        "alerts": {
            "address": "haechi/v1/{site}/alerts/{severity}",
            "description": "What happened to alarms, from the platform to whoever listens.",
            "parameters": {
                "site": _PARAMETERS["site"],
                "severity": {"description": "Of the alarm.", "enum": [*map(str.lower, Severity)]},
            },
            "messages": {"Alert": {"$ref": "#/components/messages/Alert"}},
            "bindings": {"mqtt": {}},
        },
    }


def _channel(tail: str, message: str, description: str) -> dict[str, Any]:
    return {
        "address": f"haechi/v1/{{site}}/{{device}}/{tail}",
        "description": description,
        "parameters": _PARAMETERS,
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        "bindings": {"mqtt": {}},
    }


_HEARD: Final = ("ack", "command", "alerts")


def _operations() -> dict[str, Any]:
    """Name operations from the device's side."""
    sent = {f"send-{name}": _operation("send", name) for name in (*UPWARD, "state")}
    received = {f"receive-{name}": _operation("receive", name) for name in _HEARD}
    return {**sent, **received}


def _operation(action: str, channel: str) -> dict[str, Any]:
    retain = channel == "state"
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "bindings": {"mqtt": {"qos": 1, "retain": retain}},
    }


def _message(name: str) -> dict[str, Any]:
    return {"name": name, "payload": {"$ref": f"#/components/schemas/{name}"}}


def _published(node: Any) -> Any:
    r"""Make msgspec's schema portable.

    JSON Schema has ECMAScript's regular expressions, where ``$`` is what ``\Z`` is in Python, and
    AsyncAPI knows no discriminator object; the tag is an ``enum`` of one value anyway.
    """
    if isinstance(node, dict):
        items = cast("dict[str, Any]", node).items()
        return {key: _published(value) for key, value in sorted(items) if key != "discriminator"}
    if isinstance(node, list | tuple):
        return [_published(value) for value in cast("list[Any]", node)]
    return node.replace(r"\Z", "$") if isinstance(node, str) else node


def write(directory: Path) -> list[Path]:
    """Write both documents; return where."""
    written: list[Path] = []
    for name, document in (("messages.schema.json", json_schema()), ("asyncapi.json", asyncapi())):
        path = directory / name
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
        written.append(path)
    return written
