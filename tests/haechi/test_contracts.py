"""The published contract is the code's."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from msgspec.structs import replace

from haechi.commands.contracts import asyncapi, json_schema
from haechi.messages import DeviceState, Message, Reading, encode
from haechi.pushes import Digest
from haechi.vessels import VesselPosition
from tests.dashboards.post import push

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
READING = Reading(
    seq=1, at=NOON, subject="mmsi:440000001", content=VesselPosition(lat=35.0, lon=129.0)
)
MESSAGE = Message(device="ais-1", boot="b-1", readings=(READING,))


@pytest.mark.parametrize(
    ("file", "document"), [("messages.schema.json", json_schema()), ("asyncapi.json", asyncapi())]
)
def test_the_published_document_is_current(file: str, document: dict[str, object]) -> None:
    """Run ``haechi contracts docs/reference`` when this fails."""
    assert json.loads((REFERENCE / file).read_text()) == document


def test_what_we_send_satisfies_the_schema() -> None:
    """An independent validator accepts our own messages and refuses a broken one."""
    schema = json_schema() | {"$ref": "#/$defs/Message"}
    sent = encode(MESSAGE)
    jsonschema.validate(json.loads(sent), schema)
    broken = json.loads(sent.replace(b"35.0", b"91.0"))
    with pytest.raises(jsonschema.ValidationError, match="91"):
        jsonschema.validate(broken, schema)


def test_an_alert_and_a_digest_satisfy_the_schema() -> None:
    """What programs hear on the alert topic, of one alarm and of many."""
    one = push(1, "alerts").alert
    digest = Digest(messages=2, kinds={"drift": 2}, zones={"": 2}, first=("mmsi:1",))
    schema = json_schema() | {"$ref": "#/$defs/Alert"}
    for alert in (one, replace(one, digest=digest)):
        sent = json.loads(msgspec.json.encode(alert))
        jsonschema.validate(sent, schema)
        with pytest.raises(jsonschema.ValidationError, match="severity"):
            jsonschema.validate({key: sent[key] for key in sent if key != "severity"}, schema)


def test_every_reference_in_the_asyncapi_document_leads_somewhere() -> None:
    """No ``$ref`` points into the void."""
    document = asyncapi()
    pointers = re.findall(r'"#/([^"]+)"', json.dumps(document))
    assert len(pointers) > 10
    for pointer in pointers:
        node: Any = document
        for part in pointer.split("/"):
            node = node[part]
        assert node


def test_a_state_is_small() -> None:
    """Defaults are not sent."""
    state = DeviceState(device="ais-1", boot="b-1", online=True, at=NOON)
    assert b"thinned" not in msgspec.json.encode(state)
