"""Pauses of the garbage collector, kept out of a process that somebody waits for."""

import gc


def spare_what_is_here() -> None:
    """Collect, and never again look at what is left: modules, rules, zones, routes.

    That is some hundred thousand objects, which stay until the end. Looking through them took 60 ms
    a time. What is made from here on is collected as ever.
    """
    gc.collect()
    gc.freeze()
