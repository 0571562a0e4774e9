"""What a person can mend: one line that says what, where and what to do, and exit status 2."""

import errno
from collections.abc import Generator
from contextlib import contextmanager

from pydantic import ValidationError


class CommandError(Exception):
    """The call, a file or a setting is wrong, or something needed is absent."""


@contextmanager
def mendable(*kinds: type[Exception]) -> Generator[None]:
    """Say errors of these kinds, and those of files, values and settings, as ``CommandError``."""
    try:
        yield
    except ValidationError as error:
        said = (f"setting {each['loc'][0]}: {each['msg']}" for each in error.errors())
        raise CommandError("; ".join(said)) from error
    except OSError as error:
        is_full = error.errno == errno.ENOSPC
        advice = "; make room, or set HAECHI_DATA_DIR to another disk" if is_full else ""
        raise CommandError(f"{error}{advice}") from error
    except ValueError as error:
        raise CommandError(str(error)) from error
    except kinds as error:
        raise CommandError(str(error)) from error
