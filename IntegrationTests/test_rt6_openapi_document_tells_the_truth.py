"""The OpenAPI document of the control plane: complete, and true of a running one down to each answer's schema."""

import json

import pytest

from harness.api_fuzzer import fuzz
from harness.control_plane import ControlPlane

pytestmark = pytest.mark.timeout(400)
DOCUMENT = "/v3/openapi.json"
# A text can be a name, a GUID or a source by its schema, and still be none: 422 is no lie then.
CHECKS = ("--exclude-checks=ignored_auth,positive_data_acceptance", "--max-examples=15")


@pytest.fixture(scope="module")
def plane(tmp_path_factory):
    plane = ControlPlane(tmp_path_factory.mktemp("plane")).start()
    domain = plane.domain()
    route = plane.route(domain, "api", {"host": "10.0.0.1", "port": 1})
    for side in ("route", "caller"):
        plane.policy(route, "cf:app:a", side=side)
    plane.run("names", "put", "org:o", "o")
    yield plane
    plane.authority.stop()


@pytest.fixture(scope="module")
def document(plane):
    return plane.authority.stranger.get(DOCUMENT).ok()


def test_no_call_is_answered_otherwise_than_documented(plane, document, tmp_path):
    base = f"http://127.0.0.1:{plane.authority.admin_port}"
    found = fuzz(tmp_path, document, base, plane.api.token, *CHECKS)
    assert (found.status, found.kinds) == (0, set()), found.text
    assert found.operations == sum(len(operations) for operations in document["paths"].values())
    assert plane.authority.is_running


def test_lie_in_the_document_would_be_found(plane, document, tmp_path):
    changed = json.loads(json.dumps(document))
    changed["components"]["schemas"]["DomainPage"]["required"].append("total")
    base = f"http://127.0.0.1:{plane.authority.admin_port}"
    found = fuzz(tmp_path, changed, base, plane.api.token, *CHECKS, "--include-path=/v3/domains")
    assert found.status == 1 and "Response violates schema" in found.kinds, found.text


def test_every_method_of_every_path_is_in_the_document(plane, document):
    for path, operations in document["paths"].items():
        answer = plane.api.call("TRACE", path.replace("{", "").replace("}", ""))
        assert answer.status == 405, path
        allowed = {method.lower() for method in answer.headers["allow"].split(", ")} - {"head"}
        assert allowed == set(operations), path
        for operation in operations.values():
            assert operation["summary"] and operation["description"].startswith("Needs ")


def test_identifiers_are_there_once(document):
    found = [each["operationId"] for operations in document["paths"].values() for each in operations.values()]
    assert len(found) == len(set(found)) > 30
