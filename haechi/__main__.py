"""``haechi`` and ``python -m haechi``: what is there before the rest is loaded."""

import sys


def main() -> None:
    """Load the command line and run it; Ctrl-C may come while it loads, too."""
    try:
        from haechi import cli  # noqa: PLC0415 - within reach of the clause below

        cli.main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
