"""The rules of advance cargo information, read from data with dates and looked up by a day."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from haechi.aci.policy_tables import (
    AmendmentRow,
    Anchor,
    CertificationRow,
    Choice,
    ConsolidationRow,
    DeadlineRow,
    DocumentRow,
    Duty,
    Group,
    IdTypeRow,
    Obligation,
    ObligationRow,
    PenaltyRow,
    Phase,
    Row,
    TariffRow,
    ToleranceRow,
    ValidityRow,
    WarningRow,
)
from haechi.aci.shipment import Mode

R = TypeVar("R", bound=Row)


class PolicyError(ValueError):
    """The policy cannot be used; the text says where and what to do."""


class DeadlineRule(Struct, frozen=True):
    """By when something has to be done, with the choices already made."""

    code: str
    what: Duty
    anchor: Anchor
    offset: timedelta
    is_hard: bool
    source: str


class Policy(Struct, frozen=True, kw_only=True):
    """The rules of one day for one mode of transport."""

    day: date
    mode: Mode
    obligation: Obligation
    legal_ref: str
    """What the obligation rests on; empty where there is none."""
    deadlines: tuple[DeadlineRule, ...]
    validity: timedelta
    amendments: dict[tuple[Group, Phase], AmendmentRow]
    documents: tuple[DocumentRow, ...]
    certifications: tuple[CertificationRow, ...]
    id_types: tuple[IdTypeRow, ...]
    tariff: TariffRow | None
    """``None`` before there was a document exchange."""
    penalties: dict[str, PenaltyRow]
    consolidation: ConsolidationRow
    tolerance: ToleranceRow
    amber: timedelta
    """People are warned of a deadline that is closer than this."""


class Policies(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file: what was lawful on any day."""

    choice: tuple[Choice, ...]
    obligation: tuple[ObligationRow, ...]
    deadline: tuple[DeadlineRow, ...]
    validity: tuple[ValidityRow, ...]
    amendment: tuple[AmendmentRow, ...]
    document: tuple[DocumentRow, ...]
    certification: tuple[CertificationRow, ...] = ()
    id_type: tuple[IdTypeRow, ...]
    tariff: tuple[TariffRow, ...]
    penalty: tuple[PenaltyRow, ...]
    consolidation: tuple[ConsolidationRow, ...]
    tolerance: tuple[ToleranceRow, ...]
    warning: tuple[WarningRow, ...]

    @property
    def uses(self) -> dict[str, str]:
        """The side taken of each contradiction."""
        return {choice.name: choice.use for choice in self.choice}

    def using(self, uses: Mapping[str, str]) -> "Policies":
        """Return the same policy with other sides taken; raises ``PolicyError``."""
        unknown = uses.keys() - self.uses.keys()
        if unknown:
            raise PolicyError(f"no choice {min(unknown)!r}; there are {', '.join(self.uses)}")
        chosen = (replace(one, use=uses.get(one.name, one.use)) for one in self.choice)
        return _sound(replace(self, choice=tuple(chosen)))

    def at(self, day: date, mode: Mode = Mode.SEA) -> Policy:
        """Return the rules that hold on ``day``.

        Raises:
            PolicyError: the file leaves open what holds on that day.
        """
        binding = self._only(self.obligation, day, mode)
        tariffs = self._only(self.tariff, day, mode)
        rights = {(row.group, row.phase): row for row in self._only(self.amendment, day, mode)}
        return Policy(
            day=day,
            mode=mode,
            obligation=binding[-1].status if binding else Obligation.NOT_REQUIRED,
            legal_ref=binding[-1].legal_ref if binding else "",
            deadlines=tuple(self._deadline(row) for row in self._only(self.deadline, day, mode)),
            validity=timedelta(days=self._one(self.validity, day, mode).days),
            amendments=rights,
            documents=self._only(self.document, day, mode),
            certifications=self._only(self.certification, day, mode),
            id_types=self._only(self.id_type, day, mode),
            tariff=tariffs[-1] if tariffs else None,
            penalties={row.code: row for row in self._only(self.penalty, day, mode)},
            consolidation=self._one(self.consolidation, day, mode),
            tolerance=self._one(self.tolerance, day, mode),
            amber=timedelta(hours=self._one(self.warning, day, mode).amber_h),
        )

    def _only(self, rows: Iterable[R], day: date, mode: Mode) -> tuple[R, ...]:
        return tuple(row for row in rows if self._holds(row, day, mode))

    def _one(self, rows: Iterable[R], day: date, mode: Mode) -> R:
        found = self._only(rows, day, mode)
        if len(found) != 1:
            kind = type(next(iter(rows))).__name__.removesuffix("Row").lower()
            raise PolicyError(f"{len(found)} tables [[{kind}]] hold on {day}: there must be one")
        return found[0]

    def _holds(self, row: Row, day: date, mode: Mode) -> bool:
        is_time = row.valid_from <= day <= (row.valid_to or date.max)
        return is_time and row.mode in {None, mode} and self._is_chosen(row.when)

    def _is_chosen(self, when: Mapping[str, str]) -> bool:
        return when.items() <= self.uses.items()

    def _deadline(self, row: DeadlineRow) -> DeadlineRule:
        offset = timedelta(hours=row.offset_h)
        is_hard = row.is_hard and self._is_chosen(row.hard_when)
        return DeadlineRule(row.code, row.what, row.anchor, offset, is_hard, row.source)


def read_policies(text: str) -> Policies:
    """Parse and check the text of a policy file.

    Raises:
        PolicyError: not TOML, an unknown key, a wrong value, or names that do not fit.
    """
    try:
        return _sound(msgspec.convert(tomllib.loads(text), Policies))
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise PolicyError(str(error)) from error


def _sound(policies: Policies) -> Policies:
    for complaint in _complaints(policies):
        raise PolicyError(complaint)
    return policies


def _complaints(policies: Policies) -> Iterator[str]:
    options = {one.name: [option.name for option in one.option] for one in policies.choice}
    for name, use in policies.uses.items():
        if use not in options[name]:
            yield f"choice {name!r} cannot use {use!r}: {_one_of(options[name])}"
    for row in _rows(policies):
        conditions = {**row.when, **(row.hard_when if isinstance(row, DeadlineRow) else {})}
        for name, option in conditions.items():
            if option not in options.get(name, ()):
                yield f"{type(row).__name__}: no option {option!r} of a choice {name!r}"
    cells = {(row.group, row.phase) for row in policies.amendment}
    for group, phase in product(Group, Phase):
        if (group, phase) not in cells:
            yield f"no [[amendment]] says who may change {group} when {phase}"


def _rows(policies: Policies) -> Iterator[Row]:
    fields: Iterable[Any] = (getattr(policies, name) for name in policies.__struct_fields__)
    return (row for rows in fields for row in rows if isinstance(row, Row))


def _one_of(names: Iterable[str]) -> str:
    return f"give one of {', '.join(names)}"
