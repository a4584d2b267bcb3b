"""A path that a backend could read as another route's is given to neither by way of the other's policy."""

import pytest

from harness.backend import Backend
from harness.tls_client import request
from harness.world import APP_OTHER, route

HOST = "a.apps.mtls.internal"

DISGUISES = [
    "/public/../admin", "/public/..//admin", "/public/%2e%2e/admin", "/public/%2E%2E/admin", "/public/.%2e/admin",
    "/public/..%2fadmin", "/public/%2e%2e%2fadmin", "/public/..\\admin", "/public/..%5cadmin", "/public/x/../../admin",
    "/public/./../admin",
    "/public/..;/admin", "/public/..;a=b/admin", "/public/%252e%252e/admin", "/public%2f..%2fadmin",
    "//admin", "/./admin", "/%61dmin", "/admin%2fkeys", "/admin;x=y", "/admin/../public/../admin",
    "/public/../admin?x=/public", "/public/../../admin",
    "/public/../admin/secret;a=%2f..%2f..%2fpublic", "/public/.%2e/admin/secret;a=%2f..%2f..%2fpublic",
    "/public/../admin/secret/%2e%2e/%2e%2e/public", "/public/%2e%2e/admin/secret/%252e%252e/%252e%252e/public",
]  # fmt: skip
PLAIN = [
    "/public",
    "/public/",
    "/public/a/b",
    "/public/file.txt",
    "/public/a.b/..c",
    "/public?next=/../admin",
    "/public/%20",
]


@pytest.fixture(scope="module")
def protected():
    with Backend() as backend:
        yield backend


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend, protected):
    return start_module_router(
        world.configuration(
            [
                route(f"{HOST}/public", module_backend, mtls_allow_any=True),
                route(f"{HOST}/admin", protected, mtls_allowed_apps=APP_OTHER),
            ]
        )
    )


@pytest.mark.parametrize("path", DISGUISES)
def test_disguise_reaches_no_backend(world, router, module_backend, protected, path):
    protected.forget()
    module_backend.forget()
    with world.connect(router, HOST, world.frontend) as connection:
        assert connection.exchange(request("GET", path, HOST)).status in (400, 403, 404)
    assert protected.seen() == [], "the protected backend was reached"
    reached = [message.target for message in module_backend.seen()]
    assert reached == [], "the public backend was handed a path that it may read as the protected one"


@pytest.mark.parametrize("path", PLAIN)
def test_plain_path_is_served(world, router, path):
    with world.connect(router, HOST, world.frontend) as connection:
        assert connection.exchange(request("GET", path, HOST)).status == 200


def test_owner_of_the_protected_route_passes(world, router, protected):
    protected.forget()
    with world.connect(router, HOST, world.other_app) as connection:
        assert connection.get(HOST, "/admin/keys").status == 200
    with world.connect(router, HOST, world.frontend) as connection:
        assert connection.get(HOST, "/admin/keys").status == 403
    assert len(protected.seen()) == 1
