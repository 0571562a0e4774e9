"""Names that could be a second rule are refused before anything is written."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.ids import InvalidIdError
from ingest.broker.authority import Kind, issue, make_authority
from ingest.broker.configuration import demo, device_rules, loopback, server, service_rules
from ingest.broker.names import Enrolment, account_name, path_text, server_name
from tests.ingest.broker.rig import NOW

HARMFUL = "\n\r\0+#/%$\\ \t\"'=:;,\u202e\u00e9"
SPOILT = st.tuples(
    st.text("abc-1", max_size=12), st.sampled_from(HARMFUL), st.text("abc-1", max_size=12)
).map("".join)
"""Words that would be names, were it not for one character."""

LAWFUL = st.from_regex(r"[a-z0-9][a-z0-9-]{2,31}", fullmatch=True).filter(
    lambda name: not name.startswith("svc-") and name not in {"alerts", "cargo"}
)
AUTHORITY = make_authority("Test", NOW)


@given(SPOILT)
def test_a_harmful_name_enters_no_rule_and_no_certificate(name: str) -> None:
    """Line breaks, wildcards, slashes and percent signs are refused, and the error shows them."""
    for refuse in (
        lambda: Enrolment("busan", name),
        lambda: Enrolment(name, "cam-01"),
        lambda: service_rules({f"svc-{name}": ()}),
        lambda: issue(AUTHORITY, name, Kind.DEVICE, NOW),
        lambda: issue(AUTHORITY, f"svc-{name}", Kind.SERVICE, NOW),
        lambda: issue(AUTHORITY, name, Kind.SERVER, NOW),
        lambda: account_name(name),
        lambda: server(Path("/srv"), account="haechi", bind=name),
        lambda: loopback(1883, Path("/srv"), host=name),
    ):
        with pytest.raises(InvalidIdError, match=r"(?s)'|\""):
            refuse()


@given(st.lists(st.tuples(LAWFUL, LAWFUL), unique_by=lambda pair: pair[1], max_size=5))
def test_rules_of_lawful_names_say_nothing_but_those_names(pairs: list[tuple[str, str]]) -> None:
    """Each device has one section of three rules, and every topic starts with its site and name."""
    sections = device_rules(Enrolment(*pair) for pair in pairs).split("\n\n")
    found = [section.split("\n") for section in sections[1:]]
    assert len(found) == len(pairs)
    for (user, *topics), (site, device) in zip(found, sorted(pairs), strict=True):
        assert user == f"user {device}"
        assert all(f" haechi/v1/{site}/{device}/" in topic for topic in topics if topic)
        assert len([topic for topic in topics if topic]) == 3


@given(st.text(max_size=30))
def test_a_path_stays_on_its_line(text: str) -> None:
    """Whatever a folder is called, it cannot add a line to the configuration."""
    path = Path("/srv") / text.replace("/", "").replace("\0", "")
    try:
        written = server(path, account="haechi")
    except InvalidIdError:
        return
    assert len(written.splitlines()) == len(server(Path("/srv"), account="haechi").splitlines())


@pytest.mark.parametrize("path", [Path("srv"), Path("/srv/a\nuser root"), Path("/srv/broker ")])
def test_a_path_that_would_be_read_otherwise_is_refused(path: Path) -> None:
    """Relative paths, line breaks and trailing blanks mean something else to the broker."""
    with pytest.raises(InvalidIdError, match="not a path"):
        path_text(path)


@pytest.mark.parametrize("name", ["svc-ingest", "svc-x", "alerts", "cargo"])
def test_a_device_is_not_named_like_a_part_of_the_platform(name: str) -> None:
    """A device called svc-ingest would have ingest's client id; alerts is where alarms go."""
    with pytest.raises(InvalidIdError, match="reserved"):
        issue(AUTHORITY, name, Kind.DEVICE, NOW)


def test_a_device_speaks_for_one_site() -> None:
    """Its certificate does not name the site, so a second enrolment would be heard at both."""
    with pytest.raises(InvalidIdError, match="two sites"):
        device_rules([Enrolment("busan", "cam-01"), Enrolment("jeju", "cam-01")])


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "::1", "localhost", ""])  # noqa: S104 - what must be refused
def test_no_broker_without_checks_is_given_an_address_others_reach(host: str) -> None:
    """Neither kind of local broker checks anybody, so only 127.0.0.0/8 is accepted."""
    with pytest.raises(InvalidIdError):
        loopback(1883, Path("/srv"), host=host)
    with pytest.raises(InvalidIdError):
        demo(1883, host=host)


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_a_port_is_a_port(port: int) -> None:
    """Text is only made for ports that exist."""
    with pytest.raises(InvalidIdError, match="not a port"):
        demo(port)


@pytest.mark.parametrize("name", ["broker.customs.example", "localhost", "192.0.2.7", "::1"])
def test_servers_are_named_by_host_or_address(name: str) -> None:
    """What a client can connect to can be certified."""
    assert server_name(name) == name


def test_no_configuration_opens_a_websockets_listener() -> None:
    """Mosquitto 2.0 would bind it to every address."""
    written = server(Path("/srv"), account="haechi") + loopback(1883, Path("/srv"))
    options = [line for line in written.splitlines() if not line.startswith("#")]
    assert not [line for line in options if "websockets" in line or line.startswith("protocol")]
