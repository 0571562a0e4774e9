"""Who signed a frame: every flipped bit is refused, and keys are handled with care."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from edge.seal.frame import Frame, FrameError, decode
from edge.seal.keys import (
    KeyFile,
    KeyFileError,
    PrivateKey,
    PublicKey,
    SharedSecret,
    SigningKey,
    authenticity,
    parse,
    signed,
)
from haechi.seals import Authenticity
from tests.edge.seal.made import FRAMES, KEYS, PRIVATE, PUBLIC, SECRET, keys_of, raw

GOOD = "0123456789abcdef" * 4
KEY_OF: dict[str, SigningKey] = {"hmac-sha256": SECRET, "ed25519": PRIVATE}


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    """Return a file with this text."""
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("kind", KEY_OF)
@given(sent=FRAMES, data=st.data())
def test_s6_every_flipped_bit_is_rejected(kind: str, sent: Frame, data: st.DataObject) -> None:
    """S6: whichever bit of whichever frame; the key is found for whatever number is then in it."""
    genuine = signed(sent, KEY_OF[kind])
    verifier = SECRET if kind == "hmac-sha256" else PUBLIC
    assert authenticity(decode(genuine), lambda _: (verifier,)) is Authenticity.VALID
    bit = data.draw(st.integers(0, 8 * len(genuine) - 1))
    flipped = bytearray(genuine)
    flipped[bit // 8] ^= 1 << bit % 8
    try:
        got = decode(bytes(flipped))
    except FrameError:
        return
    assert authenticity(got, lambda _: (verifier,)) is Authenticity.INVALID


def test_s6_every_single_bit_of_one_frame() -> None:
    """S6, without chance: all bits of a frame of each kind."""
    for key, number in ((SECRET, "HAE-000001"), (PRIVATE, "HAE-000002")):
        genuine = raw(number=number, key=key)
        found: set[Authenticity] = set()
        for bit in range(8 * len(genuine)):
            flipped = bytearray(genuine)
            flipped[bit // 8] ^= 1 << bit % 8
            try:
                found.add(authenticity(decode(bytes(flipped)), keys_of))
            except FrameError:
                continue
        assert Authenticity.VALID not in found
        assert Authenticity.INVALID in found


def test_the_key_of_one_seal_signs_for_no_other() -> None:
    """Nor does a seal sign in another way than its key's."""
    other = SharedSecret(bytes(range(100, 132)))
    assert authenticity(decode(raw(key=other)), keys_of) is Authenticity.INVALID
    assert authenticity(decode(raw(key=PRIVATE)), keys_of) is Authenticity.INVALID
    assert authenticity(decode(raw(number="HAE-000002")), keys_of) is Authenticity.INVALID
    assert authenticity(decode(raw(number="HAE-000003")), keys_of) is Authenticity.UNKNOWN_KEY


def test_a_seal_may_have_two_keys_while_one_replaces_the_other() -> None:
    """C3: frames under either are genuine."""
    keys = (*KEYS["HAE-000001"], *KEYS["HAE-000002"])
    for key in (SECRET, PRIVATE):
        assert authenticity(decode(raw(key=key)), lambda _: keys) is Authenticity.VALID


def test_a_file_of_keys_is_read() -> None:
    """Comments and empty lines aside."""
    public = PRIVATE.public.hex()
    keys = parse(f"# ours\n\nHAE-1000 hmac-sha256 {GOOD}  # gate 3\nHAE-1000 ed25519 {public}\n")
    assert [type(key) for key in keys["HAE-1000"]] == [SharedSecret, PublicKey]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("HAE-1000 hmac-sha256", "line 1: not NUMBER"),
        (f"HAE-1000 md5 {GOOD}", "line 1: not NUMBER hmac-sha256|ed25519 HEX"),
        (f"hae {'hmac-sha256'} {GOOD}", "line 1: not a seal number"),
        ("HAE-1000 hmac-sha256 secret", "not hexadecimal"),
        ("HAE-1000 hmac-sha256 " + "0f" * 8, "16 to 64 bytes"),
        ("HAE-1000 hmac-sha256 " + "00" * 32, "can be guessed"),
        ("HAE-1000 ed25519 " + "0f" * 8, "32 bytes"),
    ],
)
def test_c2_a_bad_line_is_refused_and_no_key_is_quoted(line: str, says: str) -> None:
    """C2: short and well-known secrets among them."""
    with pytest.raises(KeyFileError) as refused:
        parse(line)
    assert says in str(refused.value)
    assert GOOD not in str(refused.value)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """And one that is not there; both are named."""
    for path in (written(tmp_path / "open.keys", "", 0o640), tmp_path / "absent.keys"):
        with pytest.raises(KeyFileError, match=path.name):
            KeyFile(path)


def test_a_changed_file_is_taken_without_a_restart_unless_it_is_wrong(tmp_path: Path) -> None:
    """New seals come every day; a slip of the pen must not make all others unknown."""
    seconds = [0.0]
    path = written(tmp_path / "seals.keys", f"HAE-1000 hmac-sha256 {GOOD}")
    keys = KeyFile(path, clock=lambda: seconds[0])
    assert (len(keys.keys_of("HAE-1000")), len(keys.keys_of("HAE-2000"))) == (1, 0)
    written(tmp_path / "new", f"HAE-2000 hmac-sha256 {GOOD}").replace(path)
    assert len(keys.keys_of("HAE-2000")) == 0, "not looked at again yet"
    seconds[0] = 5
    assert (len(keys.keys_of("HAE-1000")), len(keys.keys_of("HAE-2000"))) == (0, 1)
    written(tmp_path / "new", "HAE-2000 hmac-sha256 oops").replace(path)
    seconds[0] = 10
    with capture_logs() as logs:
        assert len(keys.keys_of("HAE-2000")) == 1
    assert [line["event"] for line in logs] == ["file of keys not usable: the former keys stay"]


def test_a_private_key_is_not_its_public_half() -> None:
    """What a gateway holds cannot sign."""
    assert PrivateKey(bytes(32)).public != bytes(32)
    assert not hasattr(PUBLIC, "sign")
