"""``haechi`` and ``python -m haechi``: what is there before the rest is loaded."""

import sys


def main() -> None:
    """Load the command line and run it; Ctrl-C may come while it loads, too."""
    try:
        from haechi import cli  # noqa: PLC0415 - within reach of the clause below

        cli.main()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        # Run by -m, CPython ends itself by SIGINT if the last `exec` of a text was interrupted,
        # caught or not; and of dataclasses, a program that loads makes many by `exec`.
        exec("")  # noqa: S102 - a constant


if __name__ == "__main__":
    main()
