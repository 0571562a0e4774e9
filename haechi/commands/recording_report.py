"""What ``haechi replay`` and ``haechi backtest`` say of a recording."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, to_builtins

from edge.ais.reading import Counts
from haechi.findings import Finding, Status, report_order
from haechi.ledger import Account
from ingest.ports import Store

DEVICE: Final = "ais-recording"
"""Who reports what a recording holds; the same in both ways, and so the findings are."""


class InputReport(Struct, frozen=True, kw_only=True):
    """What was read."""

    files: list[str]
    lines: int
    sentences: int
    messages: int
    readings: int
    incomplete: int
    undecodable: dict[str, int]


class LedgerReport(Struct, frozen=True, kw_only=True):
    """Where every reading is; ``sent = kept + duplicate + rejected + thinned + in_flight``."""

    sent: int
    kept: int
    duplicate: int
    rejected: dict[str, int]
    thinned: int
    in_flight: int
    numbered: int
    missing: int
    balances: bool


class Report(Struct, frozen=True, kw_only=True):
    """What ``haechi replay`` and ``haechi backtest`` print with ``--json``."""

    version: int
    command: str
    device: str
    boot: str
    input: InputReport
    ledger: LedgerReport
    findings: list[dict[str, Any]]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing or on its way."""
        return self.ledger.balances and not self.ledger.in_flight


def reported(
    command: str, paths: Sequence[Path], boot: str, counts: Counts, store: Store
) -> Report:
    """Return the report of a recording.

    Args:
        command: ``replay`` or ``backtest``.
        paths: What was read.
        boot: As which it stands in the ledger.
        counts: Of the reader.
        store: What was kept of it and found in it; it is closed.
    """
    account = next(iter(store.accounts()), Account(device=DEVICE, boot=boot))
    if command == "backtest":
        # No agent has numbered anything: what was read is what must be accounted for.
        account = Account(
            device=DEVICE,
            boot=boot,
            numbered=counts.readings,
            kept=account.kept,
            duplicate=account.duplicate,
            rejected=account.rejected,
        )
    found = [finding for finding in store.findings() if finding.status is not Status.RETRACTED]
    store.close()
    return Report(
        version=1,
        command=command,
        device=DEVICE,
        boot=boot,
        input=InputReport(
            files=[path.name for path in paths],
            lines=counts.lines,
            sentences=counts.sentences,
            messages=counts.messages,
            readings=counts.readings,
            incomplete=counts.incomplete,
            undecodable=dict(sorted(Counter(counts.undecodable).items())),
        ),
        ledger=_ledger(account),
        findings=[published(finding) for finding in sorted(found, key=report_order)],
    )


def _ledger(account: Account) -> LedgerReport:
    return LedgerReport(
        sent=account.sent,
        kept=account.kept,
        duplicate=account.duplicate,
        rejected=dict(sorted(account.rejected.items())),
        thinned=account.thinned,
        in_flight=account.in_flight,
        numbered=account.numbered,
        missing=account.missing,
        balances=account.balances,
    )


_UNPUBLISHED: Final = frozenset({"revision", "supersedes", "saying"})


def published(finding: Finding) -> dict[str, Any]:
    """Return a finding as reports print it.

    Without ``revision`` and ``supersedes``: these say how it came about, which depends on the
    order of arrival; everything else does not. And without ``saying``: reports are in English.
    """
    stated: dict[str, Any] = to_builtins(finding)
    return {key: value for key, value in stated.items() if key not in _UNPUBLISHED}


def lines(report: Report) -> Iterator[str]:
    """Yield a report as a person reads it."""
    read, ledger = report.input, report.ledger
    yield f"{', '.join(read.files)}: {read.lines} lines, {read.messages} messages"
    misread = sum(read.undecodable.values())
    yield f"  {read.readings} readings, {misread} inputs undecodable"
    for reason, number in read.undecodable.items():
        yield f"    {number:6} {reason}"
    rejected = sum(ledger.rejected.values())
    yield (
        f"ledger: sent {ledger.sent} = kept {ledger.kept} + duplicate {ledger.duplicate} "
        f"+ rejected {rejected} + thinned {ledger.thinned} + in flight {ledger.in_flight}"
    )
    yield "  it balances" if ledger.balances else f"  {ledger.missing} READINGS ARE MISSING"
    yield f"{len(report.findings)} findings"
    for finding in report.findings:
        yield f"  {finding['since']}  {finding['severity']:13} {finding['text']}"
