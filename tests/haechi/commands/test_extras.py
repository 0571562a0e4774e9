"""A command whose extra is not installed says which."""

from importlib.metadata import packages_distributions, requires
from pathlib import Path
from re import search

import pytest

from haechi.commands.extras import EXTRAS
from tests.processes import haechi


@pytest.mark.parametrize(
    ("missing", "words", "extra"),
    [
        ("pymavlink", ("agent", "drone", "udp://127.0.0.1:14550"), "drone"),
        ("av", ("agent", "cctv", "film.mp4", "--camera", "quay.toml"), "cctv"),
    ],
)
def test_a_command_without_its_extra_says_what_to_install(
    tmp_path: Path, missing: str, words: tuple[str, ...], extra: str
) -> None:
    """Status 2 and one line, as for everything that a person can mend."""
    absent = f"raise ModuleNotFoundError(\"No module named '{missing}'\", name='{missing}')"
    (tmp_path / f"{missing}.py").write_text(absent)
    done = haechi(*words, folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"haechi: {missing} is not installed; it comes with an extra:"
        f" pip install 'haechi[{extra}]'\n"
    )


@pytest.mark.parametrize("extra", EXTRAS)
def test_every_module_of_an_extra_is_known(extra: str) -> None:
    """As the project's own metadata have it."""
    named = [search(r"^([\w.-]+).*extra == '(\w+)'", line) for line in requires("haechi") or []]
    wanted = {found[1].lower() for found in named if found and found[2] == extra}
    brought = {
        module
        for module, packages in packages_distributions().items()
        if wanted & {package.lower() for package in packages} and module.isidentifier()
    }
    assert brought == set(EXTRAS[extra])
