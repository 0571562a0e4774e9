"""``python -m dashboards.basemap OUT.pmtiles`` builds the base map."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from dashboards.basemap.build import build, default_plan
from dashboards.basemap.coastline import DataMissingError


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the map; return 0, or 2 when the coastline is not installed."""
    parser = argparse.ArgumentParser(prog="python -m dashboards.basemap", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT.pmtiles")
    out: Path = parser.parse_args(arguments).out
    try:
        build(out, default_plan(), _report)
    except DataMissingError as error:
        _report(f"base map: {error}")
        return 2
    return 0


def _report(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
