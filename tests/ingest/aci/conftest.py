"""Both kinds of register, each new for each test."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ingest.aci.database import Database
from ingest.aci.postgres import PostgresDatabase
from ingest.aci.sqlite import SqliteDatabase
from tests.ingest.aci.databases import cluster


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Return the address of a PostgreSQL server, or skip."""
    with cluster() as address:
        yield address


@pytest.fixture
def beside(
    database: Database, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Database]:
    """Return another connection to the same database."""
    if isinstance(database, SqliteDatabase):
        found: Database = SqliteDatabase(tmp_path / "aci.db")
    else:
        found = PostgresDatabase(str(request.getfixturevalue("server")))
    yield found
    found.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Return an empty database of each kind."""
    if request.param == "sqlite":
        found: Database = SqliteDatabase(tmp_path / "aci.db")
    else:
        address = str(request.getfixturevalue("server"))
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        found = PostgresDatabase(address)
    yield found
    found.close()
