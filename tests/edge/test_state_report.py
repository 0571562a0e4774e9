"""What a device says of itself."""

from itertools import count
from pathlib import Path

from edge.state_report import Speaker, StateReport
from tests.edge.rig import DEVICE, NOON, SITE, measured, outbox_in


def test_a_state_says_what_only_its_speaker_knows(tmp_path: Path) -> None:
    """As it stands now, each time; beside the books of the outbox."""
    misread, torn = count(3), count(40)
    speaker = Speaker(SITE, DEVICE, "ais 1", lambda: next(misread), lambda: next(torn))
    outbox = outbox_in(tmp_path)
    report = StateReport(outbox, speaker, lambda: NOON)
    outbox.append(measured(2))
    first, then = report.of_now(online=True), report.of_now(online=False)
    assert (first.device, first.agent, first.at, first.in_flight) == (DEVICE, "ais 1", NOON, 2)
    assert (first.undecodable, first.source_failures, first.online) == (3, 40, True)
    assert (then.undecodable, then.source_failures, then.online) == (4, 41, False)
    outbox.close()
