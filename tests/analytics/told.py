"""What an engine has told, and what of it stands."""

from haechi.findings import Finding, Status, report_order


class Told:
    """Takes findings as a store does, and fails where one is told again or out of turn."""

    def __init__(self) -> None:
        self.findings: dict[str, Finding] = {}
        self.revisions: list[Finding] = []

    def said(self) -> list[Finding]:
        """Return what stands, as statements."""
        standing = [f for f in self.findings.values() if f.status is not Status.RETRACTED]
        return [finding.said for finding in sorted(standing, key=report_order)]

    def report(self, finding: Finding, *, replay: bool) -> None:
        """Take a finding; after a restart it may be one that was told before."""
        before = self.findings.get(finding.id)
        if replay and before is not None and finding.revision <= before.revision:
            return
        assert finding.revision == (0 if before is None else before.revision + 1)
        assert before is None or before.said != finding.said
        self.findings[finding.id] = finding
        self.revisions.append(finding)
