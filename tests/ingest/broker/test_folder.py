"""The server folder is made once, kept, and never loses a key."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from haechi.ids import InvalidIdError
from ingest.broker.enrolment import enroll, revoke
from ingest.broker.files import FolderError
from ingest.broker.folder import read_register, write_server_folder
from ingest.broker.names import Enrolment
from ingest.broker.register import NotLawfulError, admitted
from tests.ingest.broker.rig import NOW

CAMERA = Enrolment("busan", "cam-01")


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of the folder."""
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """Return a folder with one enrolled device."""
    write_server_folder(tmp_path / "broker", "broker.example", clock=lambda: NOW)
    enroll(tmp_path / "broker", CAMERA, clock=lambda: NOW)
    return tmp_path / "broker"


def test_writing_again_changes_nothing(server: Path) -> None:
    """The command can be repeated: keys, certificates, revocations and enrolments stay."""
    before = contents(server)
    write_server_folder(server, "broker.example", clock=lambda: NOW + timedelta(days=1))
    assert contents(server) == before


def test_a_new_port_is_written_and_no_key_is(server: Path) -> None:
    """Only what is derived follows the arguments."""
    before = contents(server)
    write_server_folder(server, "broker.example", device_port=9999)
    after = contents(server)
    assert {name for name in after if after[name] != before[name]} == {"mosquitto.conf"}
    assert b"\nlistener 9999\n" in after["mosquitto.conf"]


def test_nothing_is_readable_by_others(server: Path) -> None:
    """Folders are 0700 and files 0600, from the moment they exist."""
    modes = {path: path.stat().st_mode & 0o077 for path in (server, *server.rglob("*"))}
    assert {path for path, mode in modes.items() if mode} == set()


def test_a_missing_authority_is_not_made_anew(server: Path) -> None:
    """Its key may be kept elsewhere; another authority would shut out every device."""
    (server / "authority" / "device.key").unlink()
    with pytest.raises(FolderError, match=r"bring .*authority/device\.key"):
        write_server_folder(server, "broker.example")
    with pytest.raises(FolderError, match=r"bring .*authority/device\.key"):
        revoke(server, CAMERA)


def test_half_of_a_credential_is_not_written_over(server: Path) -> None:
    """A key without its certificate is for a person to look at."""
    (server / "services" / "svc-ingest.crt").unlink()
    with pytest.raises(FolderError, match=r"svc-ingest\.key is half of a credential"):
        write_server_folder(server, "broker.example")


def test_another_server_name_needs_another_certificate(server: Path) -> None:
    """Devices would refuse the old one; it is not replaced without being asked."""
    with pytest.raises(FolderError, match=r"is for CN=broker\.example, not other\.example"):
        write_server_folder(server, "other.example")


@pytest.mark.parametrize("name", ["-x.example", "a b", "x" * 65, "broker.example\n", ""])
def test_a_server_name_that_is_none_leaves_no_folder_behind(tmp_path: Path, name: str) -> None:
    """It is refused before anything is written."""
    with pytest.raises(InvalidIdError):
        write_server_folder(tmp_path / "broker", name)
    assert not (tmp_path / "broker").exists()


def test_a_device_is_enrolled_once(server: Path) -> None:
    """A second certificate, or a second site, needs a revocation first."""
    with pytest.raises(NotLawfulError, match=r"busan/cam-01 is active: cannot enroll, only rotate"):
        enroll(server, CAMERA)
    with pytest.raises(NotLawfulError):
        enroll(server, Enrolment("jeju", CAMERA.device))
    assert admitted(read_register(server)) == {CAMERA}


def test_every_revocation_is_kept(server: Path) -> None:
    """The list grows by one, its number too, and it lasts as long as the authority."""
    revoke(server, CAMERA, clock=lambda: NOW)
    enroll(server, CAMERA, clock=lambda: NOW)
    revoke(server, CAMERA, clock=lambda: NOW)
    listed = x509.load_pem_x509_crl((server / "tls" / "device.crl").read_bytes())
    authority = x509.load_pem_x509_certificate((server / "tls" / "device-ca.crt").read_bytes())
    number = listed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    (device,) = read_register(server).values()
    kept = {int(each.serial, 16) for each in device.certificates}
    assert {entry.serial_number for entry in listed} == kept
    assert (len(kept), number) == (2, 5)
    assert listed.next_update_utc == authority.not_valid_after_utc
    assert admitted(read_register(server)) == frozenset()
    assert not (server / "devices" / "cam-01.key").exists()


def test_what_was_never_enrolled_cannot_be_revoked(server: Path) -> None:
    """The error names the device and says what can be done."""
    with pytest.raises(NotLawfulError, match="busan/cam-77 is not known here: cannot revoke"):
        revoke(server, Enrolment("busan", "cam-77"))


def test_a_line_that_is_not_a_device_stops_everything(server: Path) -> None:
    """The register may be edited by hand; a wrong line never reaches the rules."""
    before = (server / "device.acl").read_bytes()
    (server / "register").write_bytes((server / "register").read_bytes().replace(b"cam-01", b"#"))
    with pytest.raises(FolderError, match=r"register: line 1: .*'#'"):
        write_server_folder(server, "broker.example")
    assert (server / "device.acl").read_bytes() == before


def test_only_ours_is_a_folder(tmp_path: Path) -> None:
    """The error says how to make one."""
    with pytest.raises(FolderError, match="haechi broker config makes one"):
        enroll(tmp_path, CAMERA)
