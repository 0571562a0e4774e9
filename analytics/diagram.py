"""Draw a transition table, so that documentation cannot disagree with code."""

from collections.abc import Mapping


def mermaid(table: Mapping[str, Mapping[str, str]], start: Mapping[str, str]) -> str:
    """Return a Mermaid state diagram: one arrow for each pair of states, with all its signals.

    Args:
        table: For each state, where each lawful signal leads.
        start: Where the signals lead that make a new machine.

    >>> print(mermaid({"idle": {"armed": "sealed"}, "sealed": {"cut": "idle", "fell": "idle"}},
    ...               {"made": "idle"}))
    stateDiagram-v2
        [*] --> idle: made
        idle --> sealed: armed
        sealed --> idle: cut, fell
    """
    arrows: dict[tuple[str, str], list[str]] = {}
    for before, row in [("[*]", start), *table.items()]:
        for signal, after in row.items():
            arrows.setdefault((before, after), []).append(signal)
    rows = [f"    {a} --> {b}: {', '.join(why)}" for (a, b), why in arrows.items()]
    return "\n".join(["stateDiagram-v2", *rows])
