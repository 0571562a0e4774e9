"""What every store promises of what was refused, and of what devices say of themselves."""

from msgspec.structs import replace

from haechi.ledger import Account
from ingest.ports import Store
from tests.ingest.stores.given import keep, letter, state


def test_a_refused_reading_counts_once(store: Store) -> None:
    """Redelivery of a refused reading adds neither a letter nor a count."""
    for _ in range(2):
        with store.writing() as writing:
            writing.set_aside([letter(1), letter(2, "time: year 1600"), letter(1)])
    [line] = store.accounts()
    assert line.rejected == {"schema": 1, "time": 1}
    assert [each.seq for each in store.dead_letters(9)] == [2, 1]
    assert store.dead_letter_count() == 2


def test_an_unreadable_payload_is_kept_whole_each_time(store: Store) -> None:
    """Without a number nobody can tell copies apart."""
    with store.writing() as writing:
        writing.set_aside([letter(), letter()])
    assert [each.payload for each in store.dead_letters(9)] == [b"\x00{"] * 2
    assert store.dead_letters(1) == [letter()]
    assert store.accounts() == []


def test_a_reading_is_in_one_place_only(store: Store) -> None:
    """Refused and kept later, or kept and refused later: the ledger counts it as kept."""
    with store.writing() as writing:
        writing.set_aside([letter(1)])
    keep(store, 1, 2)
    with store.writing() as writing:
        writing.set_aside([letter(2)])
    assert store.accounts() == [Account(device="ais-1", boot="boot-1", kept=2)]


def test_the_ledger_holds_the_agents_word_against_ours(store: Store) -> None:
    """What it numbered must be kept, refused, thinned, given up or on its way."""
    keep(store, 1, 2)
    word = replace(state(9, 5), thinned=1, in_flight=3, quarantined={"too large": 1})
    with store.writing() as writing:
        writing.set_aside([letter(3)])
        writing.device_state("busan", word)
    [line] = store.accounts()
    assert (line.missing, line.numbered) == (1, 9)
    assert line.rejected == {"schema": 1, "too large": 1}


def test_a_last_will_brings_only_the_news_that_the_device_is_gone(store: Store) -> None:
    """It was written when the session began; its counters are older than what was said since."""
    with store.writing() as writing:
        writing.device_state("busan", state(90, 60))
        writing.device_state("busan", state(0, 0, online=False))
    assert store.device_states() == [("busan", replace(state(90, 60), online=False))]


def test_a_device_is_as_its_newest_boot_says(store: Store) -> None:
    """A device that restarted is one device; its older boots stay in the ledger."""
    for each in (state(5, 0), state(2, 1, boot="boot-2")):
        with store.writing() as writing:
            writing.device_state("busan", each)
    assert store.device_states() == [("busan", state(2, 1, boot="boot-2"))]
    assert [line.numbered for line in store.accounts()] == [5, 2]
