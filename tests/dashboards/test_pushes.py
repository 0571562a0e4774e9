"""The worker: every push arrives once it can, and a dead channel holds up nobody (A4, A5)."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from dashboards.ports import NotSentError
from dashboards.pushes import PushWorker, send_test
from haechi.findings import Severity
from haechi.pushes import Push, PushStatus
from ingest.ports import Writing
from ingest.stores.memory import MemoryStore
from ingest.stores.sqlite import SqliteStore
from tests.conftest import Eventually
from tests.dashboards.post import VOICE, Postman, channel, policy, push, put, statuses, working

SENT, PENDING, FAILED = PushStatus.SENT, PushStatus.PENDING, PushStatus.FAILED


def test_every_push_is_sent_once(eventually: Eventually) -> None:
    """In order of their time, over their own channels."""
    store, mail, sms = MemoryStore(), Postman(), Postman()
    put(store, *(push(n, name) for n in range(20) for name in ("mail", "sms")))
    with working(store, {"mail": mail, "sms": sms}, policy(channel("mail"), channel("sms"))):
        eventually(lambda: statuses(store) == {"mail": [SENT] * 20, "sms": [SENT] * 20})
    assert len({each.id for each in (*mail.taken, *sms.taken)}) == 40
    assert len(mail.taken) == len(sms.taken) == 20


def test_what_is_not_due_waits() -> None:
    """A retry has its time."""
    store, mail = MemoryStore(), Postman()
    later = datetime.now(UTC) + timedelta(hours=1)
    put(store, replace(push(1, "mail"), due_at=later))
    with working(store, {"mail": mail}, policy(channel("mail"))) as worker:
        worker.work(0)
    assert statuses(store) == {"mail": [PENDING]}
    assert not mail.taken


def test_a_refusal_is_tried_again_until_it_is_taken(eventually: Eventually) -> None:
    """The attempts and the last error are kept with the push."""
    store, mail = MemoryStore(), Postman(refusals=4)
    put(store, push(1, "mail"))
    with working(store, {"mail": mail}, policy(channel("mail"))) as worker:
        eventually(lambda: statuses(store) == {"mail": [SENT]})
    assert store.pushes()[0].attempts == 5
    assert (worker.sent, worker.failed) == (1, 4)
    assert len(mail.taken) == 1


def test_a5_a_channel_that_is_down_escalates_to_the_next(eventually: Eventually) -> None:
    """After its attempts, as a new push that says so; the old one is marked as given up."""
    store, mail, sms = MemoryStore(), Postman(refusals=1000), Postman()
    put(store, push(1, "mail"))
    rules = policy(channel("mail", fallback="sms"), channel("sms"))
    with working(store, {"mail": mail, "sms": sms}, rules):
        eventually(lambda: statuses(store) == {"mail": [FAILED], "sms": [SENT]})
    assert "Channel mail did not take this after 3 attempts" in sms.taken[0].body


def test_a5_a_channel_that_hangs_escalates_and_holds_up_nobody(eventually: Eventually) -> None:
    """Its one thread waits; what it should have sent goes over the fallback."""
    store, mail, sms, console = MemoryStore(), Postman(hangs=True), Postman(), Postman()
    put(store, *(push(n, "mail") for n in range(5)), push(9, "console"))
    rules = policy(
        channel("mail", fallback="sms", timeout_s=0.1), channel("sms"), channel("console")
    )
    with working(store, {"mail": mail, "sms": sms, "console": console}, rules):
        eventually(lambda: len(console.taken) == 1)
        eventually(lambda: len(sms.taken) == 5)
        assert statuses(store)["mail"] == [FAILED] * 5
        mail.free.set()
        eventually(lambda: statuses(store)["mail"].count(SENT) == 1, what="late word is kept")
    assert len(mail.taken) == 1


def test_more_waiting_than_is_looked_at_hides_nobody(eventually: Eventually) -> None:
    """A thousand pushes for a slow channel, and one behind them for another."""
    store, mail, sms = MemoryStore(), Postman(hangs=True), Postman()
    put(store, *(push(n, "mail") for n in range(1000)), push(0, "sms"))
    with working(store, {"mail": mail, "sms": sms}, policy(channel("mail"), channel("sms"))):
        eventually(lambda: len(sms.taken) == 1)


def test_a_push_for_a_channel_that_is_gone_is_kept_with_the_reason(eventually: Eventually) -> None:
    """Somebody took the channel out of the file."""
    store = MemoryStore()
    put(store, push(1, "pigeon"))
    with working(store, {}, policy()):
        eventually(lambda: store.pushes()[0].attempts > 0)
    assert store.pushes()[0].last_error == "the pushes file has no channel 'pigeon'"


def test_a_channel_that_breaks_is_a_channel_that_failed(eventually: Eventually) -> None:
    """A fault in a driver is kept with the push, and the thread lives on."""

    class Broken(Postman):
        def send(self, push: Push) -> None:
            if not self.refusals:
                self.refusals = 1
                raise ZeroDivisionError
            self.taken.append(push)

    store, mail = MemoryStore(), Broken()
    put(store, push(1, "mail"))
    with working(store, {"mail": mail}, policy(channel("mail"))):
        eventually(lambda: statuses(store) == {"mail": [SENT]})
    assert len(mail.taken) == 1


class Forgetful(MemoryStore):
    """A store that is away for the first few transactions of the worker."""

    def __init__(self) -> None:
        super().__init__()
        self.refusals = 0

    @contextmanager
    def writing(self) -> Generator[Writing]:
        """Refuse, or write."""
        if self.refusals > 0:
            self.refusals -= 1
            raise OSError("disk full")
        with super().writing() as writing:
            yield writing


def test_a_store_that_is_away_does_not_make_it_send_twice(eventually: Eventually) -> None:
    """What was sent is remembered until it can be kept."""
    store, mail = Forgetful(), Postman()
    put(store, push(1, "mail"))
    store.refusals = 2
    with working(store, {"mail": mail}, policy(channel("mail"))) as worker:
        eventually(lambda: statuses(store) == {"mail": [SENT]})
    assert worker.errors == 2
    assert len(mail.taken) == 1


def has_tried(worker: PushWorker) -> bool:
    """Let it work once; return whether anything was sent or refused."""
    worker.work(0.01)
    return worker.sent + worker.failed > 0


def test_a4_a_restart_keeps_pending_pushes(tmp_path: Path, eventually: Eventually) -> None:
    """They are in the file, and the next process sends them."""
    rules = policy(channel("mail"))
    for mail, status in ((Postman(refusals=1000), PENDING), (Postman(), SENT)):
        store = SqliteStore(tmp_path / "haechi.sqlite")
        with store.writing() as writing:
            writing.add_push(push(1, "mail"))
        worker = PushWorker(store, {"mail": mail}, rules, VOICE)
        worker.open()
        eventually(partial(has_tried, worker))
        assert [each.status for each in store.pushes()] == [status]
        worker.close()
        store.close()


def test_a_test_message_says_that_it_is_one() -> None:
    """And an error comes back to who asked."""
    mail = Postman(refusals=1)
    with pytest.raises(NotSentError, match="box is full"):
        send_test(mail, "mail", site="busan", voice=VOICE)
    sent = send_test(mail, "mail", site="busan", voice=VOICE)
    assert mail.taken == [sent]
    assert sent.title == "Haechi, busan: mail"
    assert sent.body.startswith("This is a test.")


def test_the_most_urgent_goes_first_where_a_channel_is_slow(eventually: Eventually) -> None:
    """Mail goes out every few seconds: a seal break does not wait behind what is minor."""
    store, mail = MemoryStore(), Postman()
    urgent = replace(push(9, "mail"), severity=Severity.CRITICAL)
    put(store, *(push(n, "mail") for n in range(5)), urgent)
    with working(store, {"mail": mail}, policy(channel("mail"))):
        eventually(lambda: statuses(store) == {"mail": [SENT] * 6})
    assert mail.taken[0].id == urgent.id


def test_a_digest_is_closed_before_it_is_given_out() -> None:
    """Whoever looks while it is on its way sees that it can be joined no more; before, it can."""
    store, mail = MemoryStore(), Postman(hangs=True)
    now = datetime.now(UTC)
    digest = replace(push(1, "mail"), is_open=True, due_at=now + timedelta(seconds=60))
    put(store, digest)
    worker = PushWorker(store, {"mail": mail}, policy(channel("mail")), VOICE, clock=lambda: now)
    worker.open()
    worker.work(0)
    assert store.pushes() == [digest]
    now = digest.due_at
    joined = replace(digest, body="one more")
    with store.writing() as writing:
        writing.put_push(joined)
    worker.work(0)
    assert store.pushes() == [replace(joined, is_open=False)]
    worker.close()
    worker.work(5)
    assert [each.body for each in mail.taken] == ["one more"]
    assert statuses(store) == {"mail": [SENT]}


def test_what_joins_between_the_look_and_the_closing_is_sent_too() -> None:
    """Ingest commits after the worker has seen what is due: the digest goes out as it is kept."""

    class Between(MemoryStore):
        late: Push | None = None

        def due_pushes(self, now: datetime, limit: int) -> list[Push]:
            seen = super().due_pushes(now, limit)
            if seen and self.late is not None:
                late, self.late = self.late, None
                with self.writing() as writing:
                    writing.put_push(late)
            return seen

    store, mail = Between(), Postman()
    digest = replace(push(1, "mail"), is_open=True)
    put(store, digest)
    store.late = replace(digest, body="one more")
    worker = PushWorker(store, {"mail": mail}, policy(channel("mail")), VOICE)
    worker.open()
    worker.work(0)
    worker.close()
    worker.work(5)
    assert [each.body for each in mail.taken] == ["one more"]
