"""HTTP/2 to endpoints over TLS: identities, their renewal and revocation, plain text, and what tells of one client."""

import pytest

from harness import proxy_header
from harness.http2_backend import echo
from harness.mesh import HOST, ask, failures
from harness.revocations import closed, entries
from harness.waiting import until
from harness.world import route


def over_http2(upstream):
    return {**upstream, "protocol": "http2"}


def shown(backend):
    return [exchange.peer_certificate for exchange in backend.connections if exchange.peer_certificate]


@pytest.fixture
def start_tls(mesh, start_http2_backend):
    """Starts a backend of HTTP/2 over TLS; `leaf` is its certificate."""

    def start(answer=echo, leaf=None, alpn=("h2",)):
        return start_http2_backend(answer, tls=mesh.context(leaf or mesh.service(), alpn=list(alpn)))

    return start


class Held:
    """Answers requests for /slow by half, and keeps what the other half is to be sent by."""

    def __init__(self):
        self.waiting = []

    def __call__(self, state, number, head, body, trailers):
        if dict(head)[":path"] == "/slow":
            state.send_headers(number, [(":status", "200")])
            state.send_data(number, b"half")
            self.waiting.append((state, number))
        else:
            echo(state, number, head, body, trailers)


def test_renewed_certificate_is_for_new_connections_and_requests_in_flight_finish(world, mesh, start_router, start_tls):
    held = Held()
    backend = start_tls(held)
    configuration = mesh.configuration(over_http2(mesh.upstream(backend)))
    router = start_router(configuration)
    with world.connect_http2(router, HOST) as client:
        slow = client.request(HOST, "/slow")
        client.read(lambda: slow.body == b"half")
        first, second = mesh.own.der, mesh.renew().der
        router.apply(configuration)
        assert [client.get(HOST).status for _ in range(3)] == [200] * 3
        assert shown(backend) == [first, second], "the new certificate is for the next connection, which is shared"
        # The first connection still carries its request, and ends with it.
        assert not slow.is_over
        old = backend.connections[0]
        state, number = held.waiting[0]
        state.send_data(number, b"half", end_stream=True)
        old.send(state.data_to_send())
        assert client.finish(slow).body == b"halfhalf"
        backend.ended.wait_for(lambda ended: ended[0] is old)
        assert client.get(HOST).status == 200
    assert len(backend.connections) == 2


def test_wrong_identity_is_refused_and_the_right_one_not(world, mesh, start_router, start_tls):
    wrong, right = start_tls(leaf=mesh.service("orders")), start_tls(leaf=mesh.service("orders"))
    upstreams = [mesh.upstream(wrong), mesh.upstream(right, name="orders")]
    router = start_router(mesh.configuration(*map(over_http2, upstreams)))
    assert ask(world, router).status == 503
    assert failures(router) >= 1
    assert wrong.requests.snapshot() == []
    assert ask(world, router, "orders.example.com").status == 200
    assert len(right.requests.snapshot()) == 1


def test_revoked_backend_is_cut_off_with_its_streams_and_refused(world, mesh, start_router, start_tls, authority):
    leaf = mesh.service()
    held = Held()
    backend = start_tls(held, leaf)
    configuration = mesh.configuration(over_http2(mesh.upstream(backend)), revocation=authority.section())
    router = start_router(configuration)
    authority.wait_for_stream()
    with world.connect_http2(router, HOST) as client:
        authority.revoke(mesh.service("orders"))
        until(lambda: entries(router) == 1, 10, "another revocation being known")
        streams = [client.request(HOST, "/slow") for _ in range(2)]
        client.read(lambda: all(stream.body == b"half" for stream in streams))
        authority.revoke(leaf)
        assert [client.finish(stream).is_complete for stream in streams] == [False, False]
        backend.ended.wait_for(lambda _: True)
        assert closed(router) == 1
        assert client.get(HOST).status == 526
        assert router.metric("mtls_upstream_retired_total", reason="revoked") == 1
        assert len(backend.requests.snapshot()) == 2
        authority.release(leaf)
        until(lambda: entries(router) == 1, 10, "the release being known")
        until(lambda: client.get(HOST).status == 200, 10, "the released backend being used")
    record = router.wait_for_access(lambda record: record.get("error") == "upstream_revoked")
    assert record["upstream_tls_error"].startswith("revoked: ")


# Plain text


@pytest.mark.parametrize("allowed", [True, False])
def test_plain_text_is_sent_only_where_it_is_allowed_and_is_counted(
    world, mesh, start_router, start_http2_backend, allowed
):
    def greet(exchange):
        if exchange.reader.fill() and exchange.reader.buffer[:1] == b"\x16":
            raise ValueError("TLS is not spoken here")

    backend = start_http2_backend(greet=greet)
    upstream = over_http2(mesh.upstream(backend, allow_fallback=allowed))
    router = start_router(mesh.configuration(upstream))
    with world.connect_http2(router, HOST) as client:
        streams = [client.request(HOST) for _ in range(5)]
        statuses = {client.finish(stream).status for stream in streams}
        statuses.add(client.get(HOST).status)
    if allowed:
        assert statuses == {200}
        assert router.metric("mtls_upstream_fallback_total", upstream="users") == 6
        # Each is counted, and so each has a connection of its own; the one that began with TLS was in vain.
        assert len(backend.requests.snapshot()) == 6
    else:
        assert not statuses & {200}
        assert router.metric("mtls_upstream_fallback_total") == 0
        assert backend.requests.snapshot() == []


def test_endpoint_that_agrees_to_http1_alone_is_no_reason_for_plain_text(world, mesh, start_router, start_tls):
    backend = start_tls(alpn=("http/1.1",))
    router = start_router(mesh.configuration(over_http2(mesh.upstream(backend, allow_fallback=True))))
    with world.connect_http2(router, HOST) as client:
        assert client.get(HOST).status == 525
    assert router.metric("mtls_upstream_fallback_total") == 0
    assert backend.requests.snapshot() == []


# What tells of one client


@pytest.mark.parametrize("told", [True, False])
def test_connection_with_a_proxy_header_is_one_requests_alone(world, start_router, start_http2_backend, told):
    headers = []

    def greet(exchange):
        if told:
            headers.append(proxy_header.read(exchange.reader))

    backend = start_http2_backend(greet=greet)
    options = {"proxy_protocol": "v2"} if told else {}
    router = start_router(world.configuration([{**route(HOST, backend, **options), "protocol": "http2"}], workers=1))
    clients = []
    for _ in range(2):
        with world.connect_http2(router, HOST) as client:
            streams = [client.request(HOST) for _ in range(3)]
            assert [client.finish(stream).status for stream in streams] == [200] * 3
            clients += [client.connection.tls.getsockname()] * 3
    assert [header.client for header in headers] == (clients if told else [])
    assert len(backend.connections) == (6 if told else 1)
    assert len({header.extras[proxy_header.UNIQUE_ID] for header in headers}) == (6 if told else 0)


def test_session_stays_with_the_endpoint_that_began_it(world, start_router, start_http2_backend):
    def named(name):
        def answer(state, number, head, body, trailers):
            begins = [("set-cookie", "JSESSIONID=s1; Path=/")] if dict(head)[":path"] == "/login" else []
            state.send_headers(number, [(":status", "200"), ("x-name", name), *begins], end_stream=True)

        return answer

    backends = [start_http2_backend(named(name)) for name in ("one", "two", "three")]
    router = start_router(world.configuration([{**route(HOST, *backends), "protocol": "http2"}], workers=1))
    with world.connect_http2(router, HOST) as client:
        login = client.get(HOST, "/login")
        cookies = [value.split(";")[0] for name, value in login.headers if name == "set-cookie"]
        session = next(value for value in cookies if value.startswith("__VCAP_ID__="))
        together = ("cookie", f"JSESSIONID=s1; {session}")
        assert {client.get(HOST, "/", together).get("x-name") for _ in range(9)} == {login.get("x-name")}
        # HTTP/2 clients may send each cookie in a field of its own (RFC 9113 section 8.2.3).
        apart = [("cookie", "JSESSIONID=s1"), ("cookie", session)]
        assert {client.get(HOST, "/", *apart).get("x-name") for _ in range(9)} == {login.get("x-name")}
        assert {client.get(HOST, "/", ("cookie", session)).get("x-name") for _ in range(9)} == {"one", "two", "three"}
