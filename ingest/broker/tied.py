"""Becomes another program that ends when its parent does. Run as a file, never imported.

A process that is killed cannot stop the broker it started; the kernel can.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""``linux/prctl.h``."""


def main(parent: int, command: list[str]) -> None:
    """Replace this process by ``command``, unless ``parent`` is already gone."""
    if sys.platform == "linux":  # elsewhere an orderly stop must do
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == parent:
        os.execv(command[0], command)  # noqa: S606 - the whole point; the caller built the command


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
