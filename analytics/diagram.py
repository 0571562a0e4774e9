"""Draw a transition table, so that documentation cannot disagree with code."""

from collections.abc import Mapping
from typing import TypeVar

State = TypeVar("State", bound=str)
Signal = TypeVar("Signal", bound=str)


def mermaid(table: Mapping[State, Mapping[Signal, State]], start: Mapping[Signal, State]) -> str:
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
    rows: list[tuple[str, Mapping[Signal, State]]] = [("[*]", start), *table.items()]
    for before, row in rows:
        for signal, after in row.items():
            arrows.setdefault((before, after), []).append(signal)
    lines = [f"    {a} --> {b}: {', '.join(why)}" for (a, b), why in arrows.items()]
    return "\n".join(["stateDiagram-v2", *lines])
