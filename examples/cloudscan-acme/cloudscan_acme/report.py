"""A report format of our own: the resources that failed, one a line, for a shell pipe."""

from typing import TextIO

from cloudscan.model import Verdict
from cloudscan.report import ReportOptions, ScanResult


class NamesReport:
    """``cloudscan scan ... -f names``."""

    name = "names"

    def render(self, result: ScanResult, out: TextIO, options: ReportOptions) -> None:
        """Write check and resource, with what could break a line escaped."""
        for found in result.findings:
            if found.verdict is Verdict.FAIL:
                out.write(f"{found.check}\t{found.resource!a}\n")
