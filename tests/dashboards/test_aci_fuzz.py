"""W3 for advance cargo: whatever is asked, the answer is never a fault of ours."""

from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from schemathesis import GenerationMode

from tests.dashboards.cargo_console import CUSTOMS
from tests.dashboards.fuzzing import asked

EXAMPLES = 6
"""For each route, lawful and unlawful requests each."""
KNOWN = {"reference": "S-1", "voyage": "v1"}


def send(client: TestClient, case: Any, *, known: bool) -> int:
    """Ask as the case says, about what is there or not; return the status."""
    path = case.path
    for name, value in {**case.path_parameters, **(KNOWN if known else {})}.items():
        path = path.replace(f"{{{name}}}", str(value))
    stated: dict[str, Any] = dict(case.headers or {})
    sent = {
        name: text
        for name, value in stated.items()
        if (text := str(value)).isascii() and text.isprintable()
    }
    sent |= {"x-haechi-party": CUSTOMS, "if-match": '"1"'} if known else {}
    content: Any = case.body
    body: dict[str, Any] = {}
    if isinstance(content, bytes):
        body, sent["content-type"] = {"content": content}, "application/octet-stream"
    elif content is None or type(content) in {dict, list, str, int, float}:
        body = {"json": content}
    return client.request(case.method, path, params=case.query, headers=sent, **body).status_code


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_request_about_cargo_is_answered_by_a_server_error(
    client: TestClient, mode: GenerationMode
) -> None:
    """Requests made from the API's own description, and ones that break it in every place."""
    document = client.get("/api/openapi.json").json()
    described: Any = schemathesis.openapi.from_dict(document)  # half typed
    schema = described.include(path_regex="^/api/aci/")
    answers = asked(schema, lambda case, known: send(client, case, known=known), mode, EXAMPLES)
    assert answers[400 if mode is GenerationMode.NEGATIVE else 200] > EXAMPLES
