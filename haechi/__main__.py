"""``haechi`` and ``python -m haechi``: what is there before the rest is loaded."""

import sys


def main() -> None:
    """Load the command line and run it; Ctrl-C may come while it loads, too."""
    try:
        # Within reach of the clause below.
        from haechi.commands.output import telling  # noqa: PLC0415
        from haechi.commands.signals import end_with_terminal  # noqa: PLC0415

        end_with_terminal()
        with telling():
            from haechi import cli  # noqa: PLC0415

            cli.main()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        # Run by -m, CPython ends itself by SIGINT if the last `exec` of a text was interrupted,
        # caught or not; and of dataclasses, a program that loads makes many by `exec`.
        exec("")  # noqa: S102 - a constant


if __name__ == "__main__":
    main()
