"""Outages: said once when they begin and once when they end, however long they are tried."""

from structlog.testing import capture_logs

from edge.outage import SAY_AGAIN_S, Outage


class Clock:
    """A clock that stands until it is moved."""

    second = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.second


def test_an_outage_is_said_when_it_begins_and_when_it_ends() -> None:
    """With the reason, how long it was, and how many tries it took; between them it is counted."""
    clock = Clock()
    outage = Outage("camera", clock=clock, address="rtsp://192.0.2.7/main")
    with capture_logs() as said:
        outage.ends()
        for _ in range(500):
            outage.fails(OSError("Connection refused"))
            clock.second += 20
        outage.ends()
        outage.ends()
    failed, works = said
    assert failed["event"] == "out of order; tried again and again"
    assert (failed["what"], failed["error"]) == ("camera", "Connection refused")
    assert failed["address"] == works["address"] == "rtsp://192.0.2.7/main"
    assert (works["event"], works["after_s"], works["tries"]) == ("in order again", 10_000, 500)
    assert outage.failures == 500


def test_what_comes_and_goes_is_said_once_a_minute() -> None:
    """And what fails for good is said, though it worked a moment before."""
    clock = Clock()
    outage = Outage("camera", clock=clock)
    with capture_logs() as said:
        for _ in range(10):
            outage.fails("torn")
            outage.ends()
            clock.second += 1
        assert len(said) == 2
        outage.fails("torn")
        assert len(said) == 2
        clock.second = SAY_AGAIN_S
        outage.fails("torn")
    assert [each["event"] for each in said][2:] == ["out of order; tried again and again"]
    assert outage.failures == 12
