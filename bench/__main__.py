"""``python -m bench [NAME…] [--write FILE]…``: the measurements that the README quotes.

Prints the machine, then for each measurement its ratios, whether the bars are met, and what the
machine did meanwhile. With ``--write`` the tables replace what stands between
``<!-- bench:NAME -->`` and ``<!-- /bench:NAME -->`` in a file; ``all`` is the short table of a run
of everything.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from bench import aci, agents, alert_latency, cctv, durable, fleet, memory, rules
from bench import map as live_map
from bench.measure import Figure, Watch, machine, say

MEASUREMENTS: Final[dict[str, Callable[[], list[Figure]]]] = {
    "rules": rules.measure,
    "ingest": durable.measure,
    "alerts": alert_latency.measure,
    "map": live_map.measure,
    "memory": memory.measure,
    "agents": agents.measure,
    "cctv": cctv.measure,
    "fleet": fleet.measure,
    "aci": aci.measure,
}
"""In the order in which they run."""


def main() -> None:
    """Run what is named, everything if nothing is."""
    asked = _asked()
    where = machine()
    print(where)
    tables: dict[str, str] = {}
    found: list[Figure] = []
    for name in asked.names or MEASUREMENTS:
        say(f"{name}:")
        watch = Watch()
        figures = MEASUREMENTS[name]()
        meanwhile = str(watch)
        found += figures
        tables[name] = f"{table(figures)}\n\n{name} took {meanwhile}. {where}."
        print(f"\n{table(figures)}\n{name} took {meanwhile}", flush=True)
    if not asked.names:
        tables["all"] = f"{short_table(found)}\n\n{where}."
    for path in asked.write:
        path.write_text(written(path.read_text(), tables))


def table(figures: Sequence[Figure]) -> str:
    """Return figures as Markdown."""
    rows = (
        f"| {each.what} | **{each.ratio:.2f}** | {each.bar} | {each.verdict} | {each.parts} |"
        for each in figures
    )
    return "\n".join(("| what | ratio | bar | | of what |", "|---|---|---|---|---|", *rows))


def short_table(figures: Sequence[Figure]) -> str:
    """Return those figures that have a bar."""
    rows = (
        f"| {each.what} | {each.ratio:.2f} | {each.bar} | {each.verdict} |"
        for each in figures
        if each.bar
    )
    return "\n".join(("| what | ratio | bar | |", "|---|---|---|---|", *rows))


def written(text: str, tables: dict[str, str]) -> str:
    r"""Return a document with its tables replaced.

    >>> written("<!-- bench:rules -->old<!-- /bench:rules -->", {"rules": "new"})
    '<!-- bench:rules -->\nnew\n<!-- /bench:rules -->'
    """
    for name, body in tables.items():
        begin, end = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
        before, found, rest = text.partition(begin)
        if found:
            text = f"{before}{begin}\n{body}\n{end}{rest.partition(end)[2]}"
    return text


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures ratios.")
    parser.add_argument("names", nargs="*", choices=[*MEASUREMENTS, []], metavar="NAME")
    parser.add_argument("--write", action="append", default=[], type=Path, metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
