"""Serial lines: 8 bits, no parity, one stop bit, no flow control, and every byte as it comes."""

import os
import termios
from typing import Final
from urllib.parse import SplitResult, parse_qs

_SPEEDS: Final = {
    int(name[1:]): getattr(termios, name)
    for name in dir(termios)
    if name.startswith("B") and name[1:].isdigit()
}


def speed_of(address: SplitResult, otherwise: int) -> int:
    """Return the speed that ``serial:///dev/NAME?baud=57600`` names, in bits a second.

    Raises:
        ValueError: no line has such a speed.
    """
    baud = int(parse_qs(address.query).get("baud", [str(otherwise)])[0])
    if baud not in _SPEEDS:
        raise ValueError(f"no {baud} baud; there are {', '.join(map(str, sorted(_SPEEDS)))}")
    return baud


def opened(path: str, baud: int) -> int:
    """Open a line; return its descriptor, which does not block.

    Raises:
        OSError: there is none, or it is no line.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    control = termios.CS8 | termios.CREAD | termios.CLOCAL
    speed = _SPEEDS[baud]
    try:
        signs = termios.tcgetattr(descriptor)[6]
        termios.tcsetattr(descriptor, termios.TCSANOW, [0, 0, control, 0, speed, speed, signs])
    except termios.error as error:
        os.close(descriptor)
        raise OSError(f"{path}: no serial line: {error}") from error
    return descriptor
