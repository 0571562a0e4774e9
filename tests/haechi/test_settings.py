"""The commented sample file is the default configuration."""

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from haechi.settings import DEFAULTS, Settings, load


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HAECHI_CONFIG", raising=False)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HAECHI_{name.upper()}", raising=False)


def test_the_file_sets_everything_and_nothing_else() -> None:
    """A setting without a default line, or a line without a setting, would fail here."""
    given = tomllib.loads((DEFAULTS / "haechi.toml").read_text())
    assert set(given) == set(Settings.model_fields)


def test_every_setting_is_explained() -> None:
    """Each line has a comment beside it or above its group."""
    for paragraph in (DEFAULTS / "haechi.toml").read_text().split("\n\n"):
        assert "#" in paragraph


def test_own_file_beats_defaults_and_environment_beats_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Precedence as documented."""
    own = tmp_path / "own.toml"
    own.write_text('site = "busan"\nconsole_port = 1\n')
    monkeypatch.setenv("HAECHI_CONFIG", str(own))
    monkeypatch.setenv("HAECHI_CONSOLE_PORT", "2")
    settings = load(metrics_port=3)
    assert (settings.site, settings.console_port, settings.metrics_port) == ("busan", 2, 3)


def test_a_tilde_is_the_home_of_whoever_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file has no shell that would say so: nobody wants a folder with that name."""
    monkeypatch.setenv("HOME", "/home/kim")
    assert load(data_dir="~/haechi").data_dir == Path("/home/kim/haechi")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("time_zone", "Asia/Busan"),
        ("data_dir", ""),
        ("data_dir", "~nobody-of-that-name/data"),
        ("site", "a/b"),
        ("site", "abc\n"),
        ("console_port", 70_000),
        ("retention_days", 1e9),
        ("skew_limit_s", float("inf")),
        ("lateness_allowance_s", 1e300),
    ],
)
def test_a_wrong_value_names_its_setting(name: str, value: object) -> None:
    """The reader learns which line to change."""
    with pytest.raises(ValidationError, match=name):
        load(**{name: value})


def test_a_config_file_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not silently replaced by the defaults."""
    monkeypatch.setenv("HAECHI_CONFIG", "/nowhere/haechi.toml")
    with pytest.raises(FileNotFoundError, match="HAECHI_CONFIG"):
        load()
