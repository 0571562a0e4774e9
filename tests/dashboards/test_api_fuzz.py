"""W3: whatever is asked of the API, the answer is never a fault of ours."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from schemathesis import Case, GenerationMode

from dashboards.app import make_app
from tests.dashboards.fuzzing import asked
from tests.dashboards.test_app import FINDING, SHIP, console, filled

ENDLESS = "/api/stream"
EXAMPLES = 40
"""For each route, lawful and unlawful requests each: about 20 s in all."""

KNOWN = {"alarm": FINDING.id, "subject": SHIP}
"""Every other request is about something that is there."""


def send(client: TestClient, case: Case[Any], *, known: bool) -> int:
    """Ask as the case says; return the status."""
    parameters = {**case.path_parameters, **(KNOWN if known else {})}
    path = case.path
    for name, value in parameters.items():
        path = path.replace(f"{{{name}}}", str(value))
    body: dict[str, Any] = {}
    if isinstance(case.body, bytes):
        body = {"content": case.body, "headers": {"content-type": "application/json"}}
    elif isinstance(case.body, dict | list | str | int | float | None):
        body = {"json": case.body}
    return client.request(case.method, path, params=case.query, **body).status_code


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """Return a browser of sorts that sees a fault as the status 500."""
    app = make_app(console(filled(), tmp_path))
    with TestClient(app, "http://127.0.0.1:8765", raise_server_exceptions=False) as client:
        yield client


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_w3_no_request_is_answered_by_a_server_error(
    client: TestClient, mode: GenerationMode
) -> None:
    """Requests made from the API's own description, and ones that break it in every place."""
    document = client.get("/api/openapi.json").json()
    described: Any = schemathesis.openapi.from_dict(document)  # half typed
    schema = described.exclude(path=ENDLESS)
    answers = asked(schema, lambda case, known: send(client, case, known=known), mode, EXAMPLES)
    assert answers[400 if mode is GenerationMode.NEGATIVE else 200] > EXAMPLES
