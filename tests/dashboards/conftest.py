"""A console with advance cargo, new for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.dashboards.cargo_console import browser, put, register


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """Return a browser of sorts; there is one shipment and its voyage."""
    kept = register(tmp_path)
    put(kept)
    kept.close()
    with browser(tmp_path) as client:
        yield client
