"""Requests made from the API's own description, lawful ones and ones that break it everywhere."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode

UNHURRIED = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)

Send = Callable[[Case[Any], bool], int]
"""Asks as a case says, about something that is there if so told; returns the status."""


def asked(schema: Any, send: Send, mode: GenerationMode, examples: int) -> Counter[int]:
    """Ask of every route so many times, twice each; return how often each status came.

    No answer may be a fault of the server.
    """
    answers: Counter[int] = Counter()
    for operation in schema.get_all_operations():
        strategy: Any = operation.ok().as_strategy(generation_mode=mode)

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=UNHURRIED,
        )
        @given(case=strategy)
        def ask(case: Case[Any]) -> None:
            for known in (True, False):
                status = send(case, known)
                answers[status] += 1
                said = f"{case.method} {case.formatted_path} {case.query} {case.body!r}"
                assert status < 500, said

        with suppress(Unsatisfiable):  # nothing can be wrong about a route that takes nothing
            ask()
    return answers
