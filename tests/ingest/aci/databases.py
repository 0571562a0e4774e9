"""Registers for tests: one in a file, one in a throw-away PostgreSQL cluster."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import pytest

USER: Final = "postgres"
"""Who runs the server where we are root, which it refuses to be."""


@contextmanager
def cluster() -> Generator[str]:
    """Give the address of a new PostgreSQL server that listens on a socket alone, then end it."""
    for program in ("initdb", "pg_ctl"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not on the PATH: install PostgreSQL's server")
    become = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    if become and shutil.which("runuser") is None:
        pytest.skip("we are root, and runuser is absent")
    with tempfile.TemporaryDirectory(prefix="haechi-pg-") as name:
        if become:
            shutil.chown(name, USER)

        def run(*command: str) -> None:
            subprocess.run([*become, *command], check=True, capture_output=True, cwd=name)

        data = f"{name}/data"
        run("initdb", "-D", data, "-A", "trust", "-U", USER, "--no-sync", "-E", "UTF8")
        options = f"-c listen_addresses='' -c unix_socket_directories={name} -c fsync=off"
        run("pg_ctl", "-D", data, "-w", "-l", f"{name}/log", "-o", options, "start")
        try:
            yield f"host={name} user={USER} dbname=postgres"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
