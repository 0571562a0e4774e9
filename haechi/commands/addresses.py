"""Addresses as people type them."""

from haechi.commands.errors import CommandError


def host_and_port(text: str, example: str) -> tuple[str, int]:
    """Return the two parts of ``HOST:PORT``.

    Raises:
        CommandError: it is not that; ``example`` shows what is.

    >>> host_and_port("[::1]:1883", "127.0.0.1:1883")
    ('::1', 1883)
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise CommandError(f"{text!r}: write HOST:PORT, such as {example}")
    return host.strip("[]"), int(port)
