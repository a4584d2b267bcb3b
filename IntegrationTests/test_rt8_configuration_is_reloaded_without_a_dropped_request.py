"""A changed file is taken up on SIGHUP and by watching, under traffic, and counts from the next request on."""

import threading

import pytest
import yaml

from harness.backend import Backend
from harness.http import Cut
from harness.pki import SERVER_AUTH
from harness.tls_client import TLS12, Refused, request
from harness.waiting import until
from harness.world import APP_FRONTEND, APP_OTHER, route

HOST, OTHER, PLAIN = "a.apps.mtls.internal", "b.apps.mtls.internal", "plain.example.com"
BY_SIGNAL = pytest.mark.parametrize("by_signal", [True, False], ids=["by signal", "by watching"])


@BY_SIGNAL
def test_new_route_is_served(world, start_router, backend, by_signal):
    router = start_router(world.configuration([route(PLAIN, backend)]))
    with world.connect(router, "other.example.com") as connection:
        assert connection.get("other.example.com").status == 404
        router.apply(world.configuration([route(PLAIN, backend), route("other.example.com", backend)]), by_signal)
        assert connection.get("other.example.com").status == 200
    assert_counted(router, "success", by_signal)


def assert_counted(router, result, by_signal):
    """One reload was counted; beside a signal, the watcher may have seen the same change."""
    assert 1 <= router.metric("router_config_reloads_total", result=result) <= (2 if by_signal else 1)


def test_removed_route_is_gone_on_an_open_connection(world, start_router, backend):
    router = start_router(world.configuration([route(PLAIN, backend), route("other.example.com", backend)]))
    with world.connect(router, "other.example.com") as connection:
        assert connection.get("other.example.com").status == 200
        router.apply(world.configuration([route(PLAIN, backend)]))
        assert connection.get("other.example.com").status == 404
        assert connection.get(PLAIN).status == 200


@BY_SIGNAL
def test_removed_policy_applies_to_the_next_request_of_an_open_connection(world, start_router, backend, by_signal):
    router = start_router(world.configuration([route(HOST, backend, mtls_allowed_apps=APP_FRONTEND)]))
    with world.connect(router, HOST, world.frontend) as connection:
        assert connection.get(HOST).status == 200
        router.apply(world.configuration([route(HOST, backend, mtls_allowed_apps=APP_OTHER)]), by_signal)
        assert connection.get(HOST).status == 403
        router.apply(world.configuration([route(HOST, backend, mtls_allow_any=True)]), by_signal)
        assert connection.get(HOST).status == 200


def test_replaced_ca_set_applies_to_the_next_handshake(world, start_router, backend):
    routes = [route(HOST, backend, mtls_allow_any=True)]
    router = start_router(world.configuration(routes))
    with world.connect(router, HOST, world.frontend) as connection:
        assert connection.get(HOST).status == 200
    router.apply(world.configuration(routes, [world.platform_domain(ca_certs=world.partner_roots)]))
    with pytest.raises(Refused) as refused:
        world.connect(router, HOST, world.frontend, TLS12)
    assert refused.value.alert == 48


def test_host_that_becomes_an_mtls_host_is_closed_to_connections_from_before(world, start_router, backend):
    router = start_router(world.configuration([route(HOST, backend), route(PLAIN, backend)], []))
    with world.connect(router, HOST) as connection:
        assert connection.get(HOST).status == 200
        router.apply(world.configuration([route(HOST, backend, mtls_allow_any=True), route(PLAIN, backend)]))
        assert connection.get(HOST).status == 421


def test_connection_of_a_replaced_ca_set_is_not_served_under_the_new_one(world, start_router, backend):
    routes = [route(HOST, backend, mtls_allow_any=True)]
    router = start_router(world.configuration(routes))
    with world.connect(router, HOST, world.frontend) as connection:
        assert connection.get(HOST).status == 200
        backend.forget()
        router.apply(world.configuration(routes, [world.platform_domain(ca_certs=world.partner_roots)]))
        response = connection.get(HOST, "/untrusted")
        assert (response.status, response.get("Connection")) == (421, "close")
        assert connection.is_closed_by_peer()
        assert backend.seen() == []
    record = router.wait_for_access(lambda record: record["target"] == "/untrusted")
    assert (record["status"], record["error"]) == (421, "certificate_no_longer_valid")
    assert record["mtls_auth"] == "denied"
    assert "is not trusted here" in record["mtls_denied_reason"]
    assert router.wait_for_line("client certificate no longer accepted")["reason"] == "unknown_issuer"


def test_connection_of_a_removed_domain_is_not_served(world, start_router, backend):
    routes = [route(HOST, backend, mtls_allow_any=True), route(PLAIN, backend)]
    router = start_router(world.configuration(routes))
    with world.connect(router, HOST, world.frontend) as removed, world.connect(router, PLAIN) as plain:
        assert [removed.get(HOST).status, plain.get(PLAIN).status] == [200, 200]
        backend.forget()
        router.apply(world.configuration([route(HOST, backend), route(PLAIN, backend)], []))
        assert removed.get(HOST).status == 421
        assert removed.is_closed_by_peer()
        assert backend.seen() == []
        assert plain.get(PLAIN).status == 200


@BY_SIGNAL
def test_bad_file_is_refused_as_a_whole_and_the_old_one_kept(world, start_router, backend, by_signal):
    router = start_router(world.configuration([route(PLAIN, backend)]))
    bad = router.complete(world.configuration([route("other.example.com", backend)]))
    bad["router"]["routes"][0]["endpoint"] = bad["router"]["routes"][0].pop("endpoints")
    line = router.expect_refusal(yaml.safe_dump(bad), by_signal)
    assert "endpoint" in str(line)
    assert_counted(router, "failure", by_signal)
    assert "endpoint" in router.admin("/health")[2]
    with world.connect(router, PLAIN) as connection:
        assert connection.get(PLAIN).status == 200
        assert connection.get("other.example.com").status == 404


@pytest.mark.parametrize("text", ["", "router: [", "\0", "router: 5", "- a", "a: *b", "!!python/object:x {}"], ids=repr)
def test_file_that_is_no_configuration_is_refused_and_the_old_one_kept(world, start_router, backend, text):
    router = start_router(world.configuration([route(PLAIN, backend)]))
    router.expect_refusal(text)
    with world.connect(router, PLAIN) as connection:
        assert connection.get(PLAIN).status == 200


def test_file_that_is_gone_is_refused_and_taken_up_when_it_is_back(world, start_router, backend):
    router = start_router(world.configuration([route(PLAIN, backend)]))
    router.path.unlink()
    router.reload_and_wait("configuration refused", 0)
    with world.connect(router, PLAIN) as connection:
        assert connection.get(PLAIN).status == 200
    router.apply(world.configuration([route(PLAIN, backend), route("other.example.com", backend)]))
    with world.connect(router, PLAIN) as connection:
        assert connection.get("other.example.com").status == 200


def test_good_file_after_a_bad_one_clears_the_reason(world, start_router, backend):
    router = start_router(world.configuration([route(PLAIN, backend)]))
    router.expect_refusal("router: {nonsense: 1}")
    assert "nonsense" in router.admin("/health")[2]
    router.apply(world.configuration([route(PLAIN, backend)]))
    until(lambda: "nonsense" not in router.admin("/health")[2], 5, "the reason going away")


def test_no_request_is_lost_while_the_file_changes(world, start_router, backend):
    with Backend() as second:
        variants = [[route(PLAIN, backend)], [route(PLAIN, second)], [route(PLAIN, backend, second)]]
        router = start_router(world.configuration(variants[0]))
        stop, failures, served = threading.Event(), [], [0, 0, 0]

        def client(number):
            try:
                while not stop.is_set():
                    with world.connect(router, PLAIN) as connection:
                        for _ in range(10):
                            assert connection.exchange(request("POST", "/", PLAIN, body=b"x" * 1000)).status == 200
                            served[number] += 1
            except (AssertionError, OSError, Cut, Refused) as error:
                failures.append(repr(error))

        threads = [threading.Thread(target=client, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for turn in range(1, 13):
            wanted = sum(served) + 20
            router.apply(world.configuration(variants[turn % 3]), by_signal=turn % 2 == 0)
            until(lambda wanted=wanted: failures or sum(served) > wanted, 20, "traffic going on")
        stop.set()
        for thread in threads:
            thread.join(20)
        assert failures == []
        assert second.seen() and backend.seen()


def test_request_in_flight_is_finished_by_the_backend_it_went_to(world, start_router, backend):
    proceed = threading.Event()

    def script(exchange):
        exchange.request()
        assert proceed.wait(10)
        exchange.answer(b"from the old one")

    backend.script = script
    router = start_router(world.configuration([route(PLAIN, backend)]))
    with Backend() as second, world.connect(router, PLAIN) as connection:
        connection.send(request("GET", "/", PLAIN))
        backend.requests.wait_for(lambda _: True)
        router.apply(world.configuration([route(PLAIN, second)]))
        proceed.set()
        assert connection.response().body == b"from the old one"
        assert connection.get(PLAIN).status == 200
        assert len(second.seen()) == 1


def test_request_that_is_tried_again_after_a_reload_stays_with_its_own_route(world, start_router, backend):
    proceed = threading.Event()

    def script(exchange):
        exchange.request()
        exchange.answer(b"mine")
        exchange.head()
        assert proceed.wait(10)
        exchange.reset()

    with Backend() as foreign:
        mine, others = route(PLAIN, backend), [route(f"{name}.plain.example.org", foreign) for name in "abc"]
        backend.script = script
        router = start_router(world.configuration([mine, *others]))
        with world.connect(router, PLAIN) as connection:
            assert connection.get(PLAIN).body == b"mine"
            connection.send(request("GET", "/again", PLAIN))
            backend.requests.wait_for(lambda message: message.target == "/again")
            router.apply(world.configuration([*others, mine]))
            proceed.set()
            assert connection.response().status in (200, 502)
        assert foreign.seen() == [], "another route's backend was sent the request"


def test_new_server_certificate_is_presented_to_the_next_handshake(world, start_router, backend, tmp_path):
    router = start_router(world.configuration([route(PLAIN, backend)]))
    fresh = world.server_root.intermediate("Next Issuer").leaf("next", dns=[PLAIN], purposes=[SERVER_AUTH])
    chain, key = fresh.save(tmp_path, "next")
    with world.connect(router, PLAIN) as before:
        assert before.tls.getpeercert(True) == world.server.der
        configuration = world.configuration([route(PLAIN, backend)])
        configuration["router"]["tls"]["certificates"] = [{"cert_chain": str(chain), "private_key": str(key)}]
        router.apply(configuration)
        with world.connect(router, PLAIN) as after:
            assert after.tls.getpeercert(True) == fresh.der
            assert after.get(PLAIN).status == 200
        assert before.get(PLAIN).status == 200
