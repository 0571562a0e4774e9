"""Settings: a commented file of defaults, a file of one's own, and the environment."""

import os
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from haechi.ids import DEVICE_PATTERN

DEFAULTS = Path(str(files("haechi") / "defaults"))
"""Folder of the data files that come with the package."""

Port = Annotated[int, Field(ge=0, le=65_535)]
Name = Annotated[str, Field(pattern=DEVICE_PATTERN.replace(r"\Z", "$"), max_length=32)]


YEAR_S = 366 * 86_400
"""No span of time may be longer: sums with dates would leave the calendar."""
CENTURY_DAYS = 36_525


class Settings(BaseSettings):
    """Everything that can be set; meanings and defaults are in ``defaults/haechi.toml``.

    Precedence: arguments, then ``HAECHI_*`` of the environment, then the file that
    ``HAECHI_CONFIG`` names, then the defaults file.

    Raises:
        pydantic.ValidationError: a value is out of range; the text names the setting.
    """

    model_config = SettingsConfigDict(env_prefix="HAECHI_", extra="forbid", frozen=True)

    data_dir: Path
    site: Name
    rules_file: str
    zones_file: str
    pushes_file: str
    seal_keys_file: str
    gates_file: str
    demo_model: str
    aci_database_url: str
    mqtt_host: str
    mqtt_port: Port
    mqtt_ca_file: str
    mqtt_certificate_file: str
    mqtt_key_file: str
    mqtt_dropped_topic: str
    broker_dir: str
    console_host: str
    console_port: Port
    metrics_port: Port
    batch_limit: Annotated[int, Field(ge=1, le=10_000)]
    skew_limit_s: Annotated[float, Field(ge=0, le=YEAR_S)]
    lateness_allowance_s: Annotated[float, Field(ge=0, le=YEAR_S)]
    source_idle_limit_s: Annotated[float, Field(gt=0, le=YEAR_S)]
    retention_days: Annotated[float, Field(gt=0, le=CENTURY_DAYS)]
    snapshot_every_s: Annotated[float, Field(gt=0, le=YEAR_S)]
    time_zone: str
    language: Literal["en", "ko", "ar"]

    @field_validator("data_dir", mode="before")
    @classmethod
    def _named_folder(cls, named: str | Path) -> Path:
        if not str(named).strip():
            raise ValueError("it is empty; name a folder, or unset it for the default")
        try:
            return Path(named).expanduser()
        except RuntimeError as error:
            raise ValueError(f"{named}: {error}") from error

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no such time zone: {name!r}; give a name like Asia/Seoul") from error
        return name

    @property
    def rules_path(self) -> Path:
        """The active rules."""
        return Path(self.rules_file) if self.rules_file else DEFAULTS / "rules.toml"

    @property
    def zones_path(self) -> Path:
        """The active zones."""
        return Path(self.zones_file) if self.zones_file else DEFAULTS / "zones.geojson"

    @property
    def pushes_path(self) -> Path:
        """Channels and who is told what."""
        return Path(self.pushes_file) if self.pushes_file else DEFAULTS / "pushes.toml"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the files behind the environment."""
        del dotenv_settings, file_secret_settings
        own = os.environ.get("HAECHI_CONFIG")
        paths = [DEFAULTS / "haechi.toml", *([Path(own)] if own else [])]
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, paths))


def load(**given: object) -> Settings:
    """Read the settings; ``given`` wins over every other source.

    Raises:
        FileNotFoundError: ``HAECHI_CONFIG`` names a file that is not there.
        pydantic.ValidationError: a value is wrong.
    """
    own = os.environ.get("HAECHI_CONFIG")
    if own and not Path(own).is_file():
        raise FileNotFoundError(f"HAECHI_CONFIG names {own!r}, which is not a file")
    return Settings(**given)  # type: ignore[arg-type]  # pydantic checks them
