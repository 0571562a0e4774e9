"""Topics say who speaks, so nothing but the grammar gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.ids import DEVICE_PATTERN
from haechi.topics import Channel, Direction, InvalidTopicError, Topic, state_device, state_topic

NAMES = st.from_regex(DEVICE_PATTERN, fullmatch=True)


@given(NAMES, NAMES)
def test_parsing_inverts_printing(site: str, device: str) -> None:
    """For every lawful name."""
    topic = Topic(site, device, Direction.UP, Channel.TELEMETRY)
    assert Topic.parse(str(topic)) == topic
    assert state_device(state_topic(site, device)) == (site, device)


@pytest.mark.parametrize(
    "text",
    [
        "haechi/v1/busan/ais-1/up/ack",
        "haechi/v1/busan/ais-1/down/telemetry",
        "haechi/v2/busan/ais-1/up/telemetry",
        "haechi/v1/busan/+/up/telemetry",
        "haechi/v1/busan/ais-1/up/telemetry/x",
        "haechi/v1/busan/ais-1\n/up/telemetry",
        "haechi/v1//ais-1/up/telemetry",
        "",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """Wrong way, wrong version, wildcards, extra levels, line breaks."""
    with pytest.raises(InvalidTopicError):
        Topic.parse(text)
