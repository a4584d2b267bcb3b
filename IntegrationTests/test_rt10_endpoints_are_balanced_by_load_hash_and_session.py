"""Requests go where the fewest are, where their header leads, or where their session is, as the configuration says."""

import threading
from collections import Counter

import pytest

from harness.backend import Backend
from harness.listening import Listening
from harness.ports import free_port
from harness.tls_client import request
from harness.waiting import until
from harness.world import SPACE_OTHER, SPACE_SHOP, route

HOST = "plain.example.com"


def named(exchange):
    """Answers with the backend's own port."""
    port = str(exchange.sock.getsockname()[1]).encode()
    while exchange.request() is not None:
        exchange.answer(port)


@pytest.fixture
def three():
    # Tests end one or the other: nobody else may be given its port then.
    backends = [Backend(named, port=free_port()) for _ in range(3)]
    yield backends
    for backend in backends:
        backend.stop()


@pytest.fixture
def held():
    """Three backends that hold requests for /slow until `proceed` is set."""
    proceed = threading.Event()

    def script(exchange):
        port = str(exchange.sock.getsockname()[1]).encode()
        while (message := exchange.request()) is not None:
            if message.target == "/slow":
                assert proceed.wait(20)
            exchange.answer(port)

    with Backend(script) as one, Backend(script) as two, Backend(script) as three:
        three.proceed = proceed
        yield [one, two, three]
        proceed.set()


def ask(connection, *fields, host=HOST):
    return connection.get(host, "/", *fields).body.decode()


# Load


@pytest.mark.parametrize("said_by", ["route", "default"])
def test_endpoint_with_the_fewest_requests_is_next(world, start_router, held, said_by):
    options = {"loadbalancing": "least-connection"} if said_by == "route" else {}
    balancing = {} if said_by == "route" else {"algorithm": "least-connection"}
    router = start_router(world.configuration([route(HOST, *held, **options)], workers=1, balancing=balancing))
    with world.connect(router, HOST) as one, world.connect(router, HOST) as two, world.connect(router, HOST) as free:
        for connection in (one, two):
            connection.send(request("GET", "/slow", HOST))
        until(lambda: sum(len(backend.seen()) for backend in held) == 2, 10, "two requests being held")
        idle = [backend for backend in held if not backend.seen()]
        assert len(idle) == 1, "each went to another endpoint"
        assert {ask(free) for _ in range(10)} == {str(idle[0].port)}
        held[2].proceed.set()
        assert {one.response().status, two.response().status} == {200}


def test_in_turn_requests_go_to_busy_endpoints_as_well(world, start_router, held):
    router = start_router(world.configuration([route(HOST, *held)], workers=1))
    with world.connect(router, HOST) as busy, world.connect(router, HOST) as free:
        busy.send(request("GET", "/slow", HOST))
        until(lambda: sum(len(backend.seen()) for backend in held) == 1, 10, "the request being held")
        assert len({ask(free) for _ in range(9)}) == 3
        held[2].proceed.set()
        assert busy.response().status == 200


def test_equally_loaded_endpoints_take_turns(world, start_router, three):
    options = {"loadbalancing": "least-connection"}
    router = start_router(world.configuration([route(HOST, *three, **options)], workers=1))
    with world.connect(router, HOST) as connection:
        counts = Counter(ask(connection) for _ in range(30))
    assert sorted(counts.values()) == [10, 10, 10]


def test_of_many_endpoints_the_busy_ones_are_passed_over(world, start_router):
    """On a large route two endpoints that chance names are compared: a busy one hardly ever wins."""
    proceed = threading.Event()

    def script(exchange):
        while (message := exchange.request()) is not None:
            if message.target == "/slow":
                assert proceed.wait(20)
            exchange.answer()

    backends = [Backend(script) for _ in range(24)]
    options = {"loadbalancing": "least-connection"}
    router = start_router(world.configuration([route(HOST, *backends, **options)], workers=1))
    slow = [world.connect(router, HOST) for _ in range(12)]
    for connection in slow:
        connection.send(request("GET", "/slow", HOST))
    until(lambda: sum(len(backend.seen()) for backend in backends) == 12, 10, "all being held")
    busy = {backend.port for backend in backends if backend.seen()}
    assert len(busy) >= 7, "requests are spread"
    with world.connect(router, HOST) as connection:
        assert {connection.get(HOST).status for _ in range(200)} == {200}
    quick = {backend.port: len(backend.seen()) - (backend.port in busy) for backend in backends}
    assert sum(count for port, count in quick.items() if port not in busy) >= 100
    assert sum(1 for count in quick.values() if count) >= 10
    proceed.set()
    for connection in slow:
        assert connection.response().status == 200
        connection.close()
    for backend in backends:
        backend.stop()


# Hash


def test_same_value_leads_to_the_same_endpoint_whoever_routes(world, start_router, three):
    options = {"loadbalancing": "hash", "hash_header": "X-Resource-Id"}
    one = start_router(world.configuration([route(HOST, *three, **options)]))
    two = start_router(world.configuration([route(HOST, *reversed(three), **options)]))
    places = {}
    for router in (one, two):
        with world.connect(router, HOST) as connection:
            for value in [*range(40)] * 2:
                port = ask(connection, f"x-resource-id: thing-{value}")
                assert places.setdefault(value, port) == port
    assert len(set(places.values())) == 3


def test_requests_without_the_header_take_turns(world, start_router, three):
    options = {"loadbalancing": "hash", "hash_header": "X-Resource-Id"}
    router = start_router(world.configuration([route(HOST, *three, **options)], workers=1))
    with world.connect(router, HOST) as connection:
        assert sorted(Counter(ask(connection) for _ in range(30)).values()) == [10, 10, 10]


def test_values_of_an_endpoint_that_is_gone_go_elsewhere_and_the_others_stay(world, start_router, three):
    options = {"loadbalancing": "hash", "hash_header": "X-Resource-Id"}
    router = start_router(world.configuration([route(HOST, *three, **options)], workers=1))
    with world.connect(router, HOST) as connection:
        before = {value: ask(connection, f"X-Resource-Id: {value}") for value in range(40)}
        three[0].stop()
        after = {value: ask(connection, f"X-Resource-Id: {value}") for value in range(40)}
    gone = str(three[0].port)
    assert gone not in after.values()
    assert all(after[value] == port for value, port in before.items() if port != gone)


@pytest.mark.parametrize("balance, spills", [(0, False), (1.1, True)])
def test_balance_bounds_what_one_endpoint_gets(world, start_router, held, balance, spills):
    options = {"loadbalancing": "hash", "hash_header": "X-Resource-Id", "hash_balance": balance}
    router = start_router(world.configuration([route(HOST, *held, **options)], workers=1))
    connections = [world.connect(router, HOST) for _ in range(6)]
    for connection in connections:
        connection.send(request("GET", "/slow", HOST, "X-Resource-Id: hot"))
    until(lambda: sum(len(backend.seen()) for backend in held) == 6, 10, "all requests being held")
    counts = sorted(len(backend.seen()) for backend in held)
    assert (counts[0] >= 1 and counts[2] <= 3) if spills else counts == [0, 0, 6]
    held[2].proceed.set()
    for connection in connections:
        assert connection.response().status == 200
        connection.close()


@pytest.mark.parametrize("own, expected", [({}, 1), ({"loadbalancing": "round-robin"}, 3)])
def test_upstream_says_it_for_routes_that_do_not(world, start_router, three, own, expected):
    upstream = {
        "name": "three",
        "url": "http://127.0.0.1:1",
        "endpoints": [backend.address for backend in three],
        "loadbalancing": "hash",
        "hash_header": "X-Resource-Id",
    }
    configuration = world.configuration([{"route": HOST, "upstream": "three", **({"options": own} if own else {})}])
    configuration["subgraphs"] = [upstream]
    router = start_router(configuration)
    with world.connect(router, HOST) as connection:
        assert len({ask(connection, "X-Resource-Id: 7") for _ in range(12)}) == expected


# Sessions


def begins_session(exchange):
    port = str(exchange.sock.getsockname()[1]).encode()
    while (message := exchange.request()) is not None:
        fields = ["Set-Cookie: JSESSIONID=s1; Path=/; Secure; SameSite=Lax"] if message.target == "/login" else []
        exchange.answer(port, "200 OK", *fields)


def sticky(response):
    """The router's cookie of a response: its value, and its attributes."""
    lines = [value for value in response.all("Set-Cookie") if value.startswith("__VCAP_ID__=")]
    if not lines:
        return None, []
    [line] = lines
    value, *attributes = line.removeprefix("__VCAP_ID__=").split("; ")
    return value, attributes


@pytest.fixture
def sessions(world, start_router, bus):
    """A router whose bus has announced three instances with ids."""
    backends = [Backend(begins_session, port=free_port()) for _ in range(3)]
    listening = Listening(world, start_router, bus)
    client = bus.client()
    for number, backend in enumerate(backends):
        client.register(backend, HOST, private_instance_id=f"instance-{number}")
    until(lambda: len(listening.ports(HOST)) == 3, 10, "all instances serving")
    listening.client, listening.backends = client, backends
    yield listening
    client.close()
    for backend in backends:
        backend.stop()


def test_session_stays_with_the_instance_that_began_it(sessions):
    with sessions.world.connect(sessions.router, HOST) as connection:
        login = connection.get(HOST, "/login")
        value, attributes = sticky(login)
        assert value.startswith("instance-") and login.all("Set-Cookie")[0].startswith("JSESSIONID=s1")
        assert attributes == ["Path=/", "HttpOnly", "Secure", "SameSite=Lax"]
        cookie = f"Cookie: JSESSIONID=s1; __VCAP_ID__={value}"
        responses = [connection.get(HOST, "/", cookie) for _ in range(12)]
    assert {response.body for response in responses} == {login.body}
    assert [sticky(response)[0] for response in responses] == [None] * 12


@pytest.mark.parametrize("cookie", ["__VCAP_ID__={}", "JSESSIONID=s1", "__VCAP_ID__={}; other=s1"])
def test_without_both_cookies_there_is_no_session(sessions, cookie):
    with sessions.world.connect(sessions.router, HOST) as connection:
        value, _ = sticky(connection.get(HOST, "/login"))
        cookie = "Cookie: " + cookie.format(value)
        responses = [connection.get(HOST, "/", cookie) for _ in range(12)]
    assert len({response.body for response in responses}) == 3
    assert {sticky(response)[0] for response in responses} == {None}


@pytest.mark.parametrize("end", ["unregistered", "dead"])
def test_session_of_an_instance_that_is_gone_moves_and_is_told_so(sessions, end):
    with sessions.world.connect(sessions.router, HOST) as connection:
        login = connection.get(HOST, "/login")
        value, _ = sticky(login)
        gone = next(backend for backend in sessions.backends if str(backend.port) == login.body.decode())
        if end == "dead":
            gone.stop()
        else:
            sessions.client.unregister(gone, HOST)
            until(lambda: len(sessions.ports(HOST)) == 2, 10, "the instance being gone")
        response = connection.get(HOST, "/", f"Cookie: JSESSIONID=s1; __VCAP_ID__={value}")
        assert response.status == 200 and response.body != login.body
        moved, attributes = sticky(response)
        assert moved not in (None, value) and attributes == ["Path=/", "HttpOnly"]
        cookie = f"Cookie: JSESSIONID=s1; __VCAP_ID__={moved}"
        assert {connection.get(HOST, "/", cookie).body for _ in range(6)} == {response.body}


def test_instance_that_nobody_knows_is_no_instance(sessions):
    with sessions.world.connect(sessions.router, HOST) as connection:
        cookie = "Cookie: JSESSIONID=s1; __VCAP_ID__=127.0.0.1:22"
        responses = [connection.get(HOST, "/", cookie) for _ in range(12)]
    assert {response.status for response in responses} == {200}
    assert len({response.body for response in responses}) == 3
    assert all(sticky(response)[0].startswith("instance-") for response in responses)


@pytest.mark.parametrize("kind", ["session", "hash", "least-connection"])
def test_nothing_leads_to_an_endpoint_out_of_the_callers_scope(world, start_router, bus, three, kind):
    host = "backend.apps.mtls.internal"
    listening = Listening(world, start_router, bus, options={"workers": 1})
    options = {"route_policy_scope": "space", "route_policy_sources": "cf:any"}
    if kind != "session":
        options |= {"loadbalancing": kind, **({"hash_header": "X-Id"} if kind == "hash" else {})}
    with bus.client() as client, world.connect(listening.router, host, world.frontend) as connection:
        for number, space in enumerate([SPACE_SHOP, SPACE_OTHER, SPACE_OTHER]):
            client.register(
                three[number], host, private_instance_id=f"i{number}", tags={"space_id": space}, options=options
            )
        until(lambda: listening.router.metric("router_route_endpoints") == 3, 10, "all instances being known")
        until(lambda: connection.get(host).status == 200, 10, "the endpoint in scope")
        for number in range(20):
            cookie = f"Cookie: JSESSIONID=s; __VCAP_ID__=i{number % 3}"
            assert ask(connection, cookie, f"X-Id: {number}", host=host) == str(three[0].port)
        three[0].stop()
        until(lambda: connection.get(host).status == 502, 10, "the only endpoint in scope being gone")
        assert {connection.get(host, "/", "Cookie: JSESSIONID=s; __VCAP_ID__=i1").status for _ in range(6)} == {502}
    assert not three[1].seen() and not three[2].seen()


@pytest.mark.parametrize("names, expected", [(["sid"], False), ([], False), (["sid", "JSESSIONID"], True)])
def test_names_of_the_cookies_are_configured(world, start_router, names, expected):
    with Backend(begins_session) as one, Backend(begins_session) as two:
        balancing = {"sticky_session_cookie_names": names, "secure_cookies": True}
        router = start_router(world.configuration([route(HOST + "/app", one, two)], balancing=balancing))
        with world.connect(router, HOST) as connection:
            assert sticky(connection.get(HOST, "/app"))[0] is None
            value, attributes = sticky(connection.get(HOST, "/login"))
            assert value is None, "the route of another path"
            one.script = two.script = lambda exchange: begins(exchange)
            router.apply(router.configuration)
            value, attributes = sticky(connection.get(HOST, "/app/login"))
            assert (value is not None) == expected
            if expected:
                assert attributes == ["Path=/app", "HttpOnly", "Secure"] and "127.0.0.1" not in value


def begins(exchange):
    while exchange.request() is not None:
        exchange.answer(b"", "200 OK", "Set-Cookie: JSESSIONID=s1", "Connection: close")
        return


# Zones and slow start


def test_endpoints_of_the_own_zone_go_first_and_the_others_when_they_are_gone(world, start_router, bus, three):
    balancing = {"zone": "z1", "zone_preference": "locally-optimistic"}
    listening = Listening(world, start_router, bus, options={"balancing": balancing})
    with bus.client() as client:
        for backend, zone in zip(three, ["z1", "z2", "z1"], strict=True):
            client.register(backend, HOST, availability_zone=zone)
        own = {str(three[0].port), str(three[2].port)}
        until(lambda: listening.ports(HOST) == own, 10, "the endpoints of the zone alone")
        client.unregister(three[0], HOST)
        until(lambda: listening.ports(HOST) == {str(three[2].port)}, 10, "the last endpoint of the zone")
        three[2].stop()
        assert listening.ports(HOST) == {str(three[1].port)}, "a retry goes wherever there is an endpoint"
        client.unregister(three[2], HOST)
        until(lambda: listening.ports(HOST) == {str(three[1].port)}, 10, "the endpoint of the other zone")


@pytest.mark.parametrize("slow_start", ["15m", "0s"])
def test_new_endpoint_gets_its_share_by_and_by(world, start_router, bus, three, slow_start):
    listening = Listening(world, start_router, bus, options={"balancing": {"slow_start": slow_start}, "workers": 1})
    with bus.client() as client:
        client.register(three[0], HOST)
        listening.wait_for(200, HOST)
        client.register(three[1], HOST)
        until(lambda: three[1].seen() or listening.get(HOST) is None, 10, "a request at the new endpoint")
        with world.connect(listening.router, HOST) as connection:
            counts = Counter(ask(connection) for _ in range(400))
    share = counts[str(three[1].port)]
    assert 1 <= share <= 100 if slow_start == "15m" else share == 200
