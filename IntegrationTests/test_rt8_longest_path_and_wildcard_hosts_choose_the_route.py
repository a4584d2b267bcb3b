"""Which route serves a request: exact host before wildcard, longest path first, whole segments only."""

import pytest

from harness.backend import Backend
from harness.world import route

ROUTES = {
    "exact": "plain.example.com",
    "v1": "plain.example.com/v1",
    "v1 users": "plain.example.com/v1/users",
    "wildcard": "*.plain.example.org",
    "wildcard v1": "*.plain.example.org/v1",
    "named below the wildcard": "named.plain.example.org",
    "only a path": "other.example.com/only/here",
}

WANTED = [
    ("plain.example.com", "/", "exact"),
    ("plain.example.com", "/v2", "exact"),
    ("plain.example.com", "/v1", "v1"),
    ("plain.example.com", "/v1/", "v1"),
    ("plain.example.com", "/v1?users", "v1"),
    ("plain.example.com", "/v1/x", "v1"),
    ("plain.example.com", "/v1/users", "v1 users"),
    ("plain.example.com", "/v1/users/7?a=/", "v1 users"),
    ("plain.example.com", "/v10", "exact"),
    ("plain.example.com", "/v1users", "exact"),
    ("plain.example.com", "/V1", "exact"),
    ("PLAIN.example.com.:443", "/v1", "v1"),
    ("a.plain.example.org", "/", "wildcard"),
    ("a.plain.example.org", "/v1/x", "wildcard v1"),
    ("a.b.plain.example.org", "/", "wildcard"),
    ("named.plain.example.org", "/", "named below the wildcard"),
    ("other.example.com", "/only/here", "only a path"),
    ("other.example.com", "/only/here/too", "only a path"),
    ("other.example.com", "/", None),
    ("other.example.com", "/only", None),
    ("other.example.com", "/only/heretic", None),
    ("plain.example.org", "/", None),
    ("nowhere.example.net", "/", None),
]


@pytest.fixture(scope="module")
def backends():
    made = {name: Backend() for name in ROUTES}
    yield made
    for backend in made.values():
        backend.stop()


@pytest.fixture(scope="module")
def router(world, start_module_router, backends):
    return start_module_router(world.configuration([route(ROUTES[name], backends[name]) for name in ROUTES]))


@pytest.mark.parametrize("host, path, expected", WANTED)
def test_request_goes_to_the_most_specific_route(world, router, backends, host, path, expected):
    for backend in backends.values():
        backend.forget()
    with world.connect(router, "plain.example.com") as connection:
        response = connection.get(host, path)
    served = [name for name, backend in backends.items() if backend.seen()]
    if expected is None:
        assert (response.status, served) == (404, [])
        assert response.router_error == "unknown_route"
        assert response.body.decode().strip() == f"404 Not Found: Requested route ('{host}') does not exist."
    else:
        assert (response.status, served) == (200, [expected])
        assert backends[expected].seen()[0].target == path, "the path is passed on whole"
