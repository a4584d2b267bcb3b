"""The OpenAPI document of the admin API: complete, and true of a running authority down to each answer's schema."""

import json
import re

import pytest

from harness.api_fuzzer import ALL_ELSE, CREDENTIALS, fuzz
from harness.authority_api import ADMIN, CERTIFICATES
from harness.documents import follow, script, text

# Quick where nothing else runs; what else runs in the suite takes the same processors.
pytestmark = pytest.mark.timeout(400)
EXAMPLES = "--max-examples=25"
DOCUMENT = f"{ADMIN}/openapi.json"
METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


@pytest.fixture(scope="module")
def authority(shared_authority):
    """With something of every kind in it, so that lists have elements."""
    agent = shared_authority.agent("user-svc", "billing")
    for service in ("user-svc", "billing", "billing"):
        shared_authority.issue(service, agent)
    shared_authority.revoke("billing", reason="superseded").ok()
    return shared_authority


@pytest.fixture(scope="module")
def document(authority):
    return authority.stranger.get(DOCUMENT).ok()


def base(authority):
    return f"http://127.0.0.1:{authority.admin_port}"


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_no_call_is_answered_otherwise_than_documented(authority, document, tmp_path, role):
    token = authority.bearer(role).token
    found = fuzz(tmp_path, document, base(authority), token, *ALL_ELSE, EXAMPLES)
    assert (found.status, found.kinds) == (0, set()), found.text
    assert found.operations == sum(len(operations) for operations in document["paths"].values())
    assert found.cases > 20 * found.operations
    assert authority.is_running


def test_no_call_is_answered_without_credentials(start_authority, document, tmp_path):
    authority = start_authority(tokens={})
    found = fuzz(tmp_path, document, base(authority), authority.admin.token, *CREDENTIALS)
    assert (found.status, found.kinds) == (0, set()), found.text
    assert authority.metric("mtls_auth_failure_total", reason="unauthenticated") >= 10


def test_call_that_is_answered_without_credentials_would_be_found(start_authority, document, tmp_path):
    authority = start_authority(tokens={})
    changed = json.loads(json.dumps(document))
    changed["paths"][DOCUMENT]["get"]["security"] = [{"bearer": []}]
    options = (*CREDENTIALS, f"--include-path={DOCUMENT}")
    found = fuzz(tmp_path, changed, base(authority), authority.admin.token, *options)
    assert found.status == 1 and found.kinds == {"API accepts requests without authentication"}, found.text


def without_status(document):
    del document["paths"][f"{ADMIN}/services/{{service}}"]["get"]["responses"]["404"]


def with_another_member(document):
    document["components"]["schemas"]["CertificatePage"]["required"].append("total")


def without_a_limit(document):
    for parameter in document["paths"][CERTIFICATES]["get"]["parameters"]:
        if parameter["name"] == "limit":
            del parameter["schema"]["maximum"]


def with_another_limit(document):
    for parameter in document["paths"][CERTIFICATES]["get"]["parameters"]:
        if parameter["name"] == "limit":
            parameter["schema"]["maximum"] = 3


def without_a_method(document):
    del document["paths"][f"{ADMIN}/services/{{service}}"]["delete"]


LIES = [
    (without_status, f"{ADMIN}/services/{{service}}", "Undocumented status code"),
    (with_another_member, CERTIFICATES, "Response violates schema"),
    (without_a_limit, CERTIFICATES, "Schema-valid request rejected"),
    (with_another_limit, CERTIFICATES, "Schema-violating request accepted"),
    (without_a_method, f"{ADMIN}/services/{{service}}", "Allow header mismatch"),
]


@pytest.mark.parametrize("lie, path, kind", LIES, ids=lambda value: getattr(value, "__name__", None))
def test_lie_in_the_document_would_be_found(authority, document, tmp_path, lie, path, kind):
    changed = json.loads(json.dumps(document))
    lie(changed)
    options = (*ALL_ELSE, "--max-examples=10", f"--include-path={path}", "--phases=coverage,fuzzing")
    found = fuzz(tmp_path, changed, base(authority), authority.admin.token, *options)
    assert found.status == 1 and kind in found.kinds, found.text


def test_document_tells_of_every_operation_what_generated_clients_need(document):
    identifiers = []
    for path, operations in document["paths"].items():
        assert set(operations) <= set(METHODS)
        for method, operation in operations.items():
            identifiers.append(operation["operationId"])
            assert operation["summary"] and operation["description"].startswith("Needs ")
            is_open = operation.get("security") == []
            assert is_open == (path == DOCUMENT), f"{method} {path}"
            refusals = {"400", "401", "403", "421", "429", "503"}
            assert is_open or refusals <= set(operation["responses"]), f"{method} {path}"
            named = {name for name in path.replace("}", "{").split("{")[1::2]}
            assert named == {p["name"] for p in operation["parameters"] if p["in"] == "path"}
    assert len(identifiers) == len(set(identifiers))


def test_every_route_is_in_the_document_and_no_method_is_missing(authority, document):
    """What a path allows by its own word is what the document has."""
    for path, operations in document["paths"].items():
        concrete = path.replace("{serial}", "00").replace("{", "").replace("}", "")
        answer = authority.admin.call("PATCH", concrete)
        answer.problem(405, "method_not_allowed")
        allowed = {method.lower() for method in answer.headers["allow"].split(", ")} - {"head"}
        assert allowed == set(operations), path


@pytest.mark.parametrize("role", ["admin", "operator", "auditor"])
def test_document_says_who_may_make_which_call(authority, document, role):
    caller = authority.bearer(role)
    for path, operations in document["paths"].items():
        concrete = path.replace("{serial}", "00").replace("{", "").replace("}", "")
        for method, operation in operations.items():
            may = role in operation["description"] or operation.get("security") == []
            answer = caller.call(method.upper(), concrete, body=b"{}" if "requestBody" in operation else None)
            assert (answer.status != 403) == may, f"{method} {path} as {role}: {answer.status}"


def test_documentation_has_every_call_with_its_role_and_an_example(document):
    pattern = r"^\| `([A-Z]+) (/api/[^`]+)` \| ([^|]+) \|"
    told = {(method, path): roles for method, path, roles in re.findall(pattern, text("admin-api.md"), re.MULTILINE)}
    shown = script("admin-api.md")
    described = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            described[method.upper(), path] = operation["description"]
            example = path.removeprefix("/api/admin").replace("{service}", r"(user-svc|ledger)")
            example = re.sub(r"\{\w+\}", r"[$\\w-]+", example)
            asked = f" --request {method.upper()}" if method in ("put", "delete") else ""
            line = rf'^(serial=\$\()?api{asked} .*"\$url{example}["?]'
            assert path == DOCUMENT or re.search(line, shown, re.MULTILINE), f"{method} {path} has no example"
    assert told.keys() == described.keys()
    for call, description in described.items():
        least = re.search(r"role (\w+)", description)
        assert told[call].startswith(least[1] if least else "nobody"), call
        assert ("the service" in told[call]) == ("the service itself" in description), call


def test_examples_of_the_documentation_work(authority, tmp_path):
    authority.agent("user-svc", name="host-1")
    settings = {"url": f"{base(authority)}{ADMIN}", "token_file": str(authority.token_file)}
    done = follow("admin-api.md", tmp_path, **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PRIVATE KEY" in json.loads((tmp_path / "replacement.json").read_text())["replacement"]["private_key"]
    wrong = follow("admin-api.md", tmp_path, **{**settings, "url": f"{base(authority)}/api/nothing"})
    assert wrong.returncode != 0 and "not_found" in wrong.stdout


def test_problem_codes_are_those_of_the_document(authority, document):
    codes = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    for answer in (
        authority.admin.get(f"{ADMIN}/nothing"),
        authority.admin.get(f"{ADMIN}/services/nobody"),
        authority.admin.get(CERTIFICATES, limit=0),
        authority.stranger.get(CERTIFICATES),
        authority.admin.call("DELETE", f"{ADMIN}/tokens/nobody"),
    ):
        assert answer.status >= 400 and answer.document["code"] in codes


def test_document_is_revalidated_by_its_tag(authority):
    answer = authority.stranger.get(DOCUMENT)
    again = authority.stranger.call("GET", DOCUMENT, If_None_Match=answer.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    other = authority.stranger.call("GET", DOCUMENT, If_None_Match='"another"')
    assert other.status == 200 and other.body == answer.body
