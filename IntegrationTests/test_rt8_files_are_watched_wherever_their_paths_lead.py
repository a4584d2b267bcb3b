"""What a path leads to may be exchanged at any of its components; nothing else is a reason to load again."""

import os
import shutil
from pathlib import Path

import pytest

from harness.pki import SERVER_AUTH
from harness.tls_client import TLS12, TLS13, Connection
from harness.waiting import until
from harness.world import route

HOST, PLAIN = "a.apps.mtls.internal", "plain.example.com"


@pytest.fixture(scope="module")
def generations(world):
    """Two certificates of the router for the same names."""
    issuer = world.server_root.intermediate("Generations")
    return [issuer.leaf(f"generation {number}", dns=[PLAIN, HOST], purposes=[SERVER_AUTH]) for number in (1, 2)]


def save(leaf, folder):
    leaf.save(folder, "tls")
    return folder


def configuration(world, backend, folder):
    made = world.configuration([route(PLAIN, backend), route(HOST, backend, mtls_allow_any=True)])
    chain, key = str(folder / "tls.pem"), str(folder / "tls-key.pem")
    made["router"]["tls"]["certificates"] = [{"cert_chain": chain, "private_key": key}]
    return made


def presented(world, router):
    with world.connect(router, PLAIN) as connection:
        return connection.tls.getpeercert(True)


def until_presented(world, router, leaf):
    until(lambda: presented(world, router) == leaf.der, 10, f"{leaf.certificate.subject} being presented")


def exchange_link(link, target):
    beside = link.with_name(link.name + ".tmp")
    beside.symlink_to(target)
    os.replace(beside, link)


def test_folder_that_is_a_link_to_a_generation(world, start_router, backend, tmp_path, generations):
    for number, leaf in enumerate(generations):
        save(leaf, tmp_path / f"g{number}")
    (tmp_path / "certs").mkdir()
    link = tmp_path / "certs" / "router"
    link.symlink_to(tmp_path / "g0")
    router = start_router(configuration(world, backend, link))
    assert presented(world, router) == generations[0].der
    exchange_link(link, "../g1")
    until_presented(world, router, generations[1])
    # And back, as what is watched must follow the link.
    exchange_link(link, tmp_path / "g0")
    until_presented(world, router, generations[0])


def test_files_that_are_links_into_a_folder_that_is_a_link(world, start_router, backend, tmp_path, generations):
    for number, leaf in enumerate(generations):
        save(leaf, tmp_path / f"..2026_{number}")
    (tmp_path / "..data").symlink_to("..2026_0")
    for name in ("tls.pem", "tls-key.pem"):
        (tmp_path / name).symlink_to(f"..data/{name}")
    router = start_router(configuration(world, backend, tmp_path))
    assert presented(world, router) == generations[0].der
    exchange_link(tmp_path / "..data", "..2026_1")
    shutil.rmtree(tmp_path / "..2026_0")
    until_presented(world, router, generations[1])


@pytest.mark.parametrize("gone", ["certs", "certs/router"])
def test_folder_that_is_taken_away_and_made_anew(world, start_router, backend, tmp_path, generations, gone):
    folder = save(generations[0], tmp_path / "certs" / "router")
    router = start_router(configuration(world, backend, folder))
    mark = len(router.log.entries)
    shutil.rmtree(tmp_path / gone)
    router.log.wait_for(lambda line: line.get("message") == "configuration refused", 10, "the refusal", mark)
    assert presented(world, router) == generations[0].der
    save(generations[1], folder)
    until_presented(world, router, generations[1])
    save(generations[0], folder)
    until_presented(world, router, generations[0])


def test_folder_that_is_exchanged_for_another(world, start_router, backend, tmp_path, generations):
    folder = save(generations[0], tmp_path / "certs")
    router = start_router(configuration(world, backend, folder))
    folder.rename(tmp_path / "old")
    save(generations[1], tmp_path / "new").rename(folder)
    until_presented(world, router, generations[1])


def test_file_that_a_refused_configuration_lacks_is_awaited(world, start_router, backend, tmp_path, generations):
    first = save(generations[0], tmp_path / "first")
    router = start_router(configuration(world, backend, first))
    mark = len(router.log.entries)
    router.configuration = configuration(world, backend, tmp_path / "second")
    router.write_configuration()
    router.log.wait_for(lambda line: line.get("message") == "configuration refused", 10, "the refusal", mark)
    save(generations[1], tmp_path / "second")
    until_presented(world, router, generations[1])


def test_other_files_beside_and_the_same_content_again_change_nothing(
    world, start_router, backend, tmp_path, generations
):
    folder = save(generations[0], tmp_path / "certs")
    router = start_router(configuration(world, backend, folder))
    for number in range(20):
        (folder / f"other-{number}").write_text("x")
        (router.directory / f"other-{number}").write_text("x")
    (folder / "tls.pem").write_text((folder / "tls.pem").read_text())
    router.path.touch()
    router.write_configuration()
    # What happens to the watched files next is told after all of that.
    save(generations[1], folder)
    until_presented(world, router, generations[1])
    # It is counted and told after it is in force.
    router.wait_for_line("configuration reloaded")
    until(lambda: router.metric("router_config_reloads_total", result="success"), 5, "the reload being counted")
    assert router.metric("router_config_reloads_total", result="success") == 1
    reloads = [line for line in router.log.snapshot() if line.get("message") == "configuration reloaded"]
    assert len(reloads) == 1


def test_signal_reloads_also_what_did_not_change(world, start_router, backend):
    router = start_router(world.configuration([route(PLAIN, backend)]))
    router.reload_and_wait("configuration reloaded", 0)
    assert router.metric("router_config_reloads_total", result="success") == 1


def open_things(router):
    process = Path(f"/proc/{router.pid}")
    return len(list((process / "fd").iterdir())), len(list((process / "task").iterdir()))


def test_reloads_leave_nothing_behind(world, start_router, backend, tmp_path, generations):
    folders = [save(generations[0], tmp_path / f"certs-{number}") for number in range(4)]
    router = start_router(configuration(world, backend, folders[0]))
    router.apply(configuration(world, backend, folders[1]))
    before = open_things(router)
    for turn in range(24):
        router.apply(configuration(world, backend, folders[turn % 4]))
    until(lambda: open_things(router) <= before, 10, f"no more than {before} descriptors and threads")


@pytest.mark.parametrize("version", [TLS12, TLS13], ids=["tls12", "tls13"])
@pytest.mark.parametrize("host", [HOST, PLAIN])
def test_sessions_outlive_a_reload_that_does_not_concern_them(world, start_router, backend, version, host):
    routes = [route(PLAIN, backend), route(HOST, backend, mtls_allow_any=True)]
    router = start_router(world.configuration(routes))
    context = world.context(world.frontend, version, fresh=True)
    with Connection(router.port, host, context) as connection:
        assert connection.get(host).status == 200
        session = connection.session
    router.apply(world.configuration([*routes, route("other.example.com", backend)]))
    with Connection(router.port, host, context, session=session) as connection:
        assert connection.resumed
        assert connection.get(host).status == 200


@pytest.mark.parametrize("version", [TLS12, TLS13], ids=["tls12", "tls13"])
def test_sessions_do_not_outlive_a_change_of_whom_their_domain_trusts(world, start_router, backend, tmp_path, version):
    routes = [route(HOST, backend, mtls_allow_any=True)]
    router = start_router(world.configuration(routes))
    context = world.context(world.frontend, version, fresh=True)
    with Connection(router.port, HOST, context) as connection:
        assert connection.get(HOST).status == 200
        session = connection.session
    both = tmp_path / "both.pem"
    both.write_text(world.platform_root.pem + world.partner_root.pem)
    router.apply(world.configuration(routes, [world.platform_domain(ca_certs=str(both))]))
    with Connection(router.port, HOST, context, session=session) as connection:
        assert not connection.resumed
        assert connection.get(HOST).status == 200


def test_open_connections_of_an_unchanged_domain_see_its_new_policy(world, start_router, backend):
    routes = [route(HOST, backend, mtls_allow_any=True)]
    router = start_router(world.configuration(routes))
    with world.connect(router, HOST, world.other_app) as connection:
        assert connection.get(HOST).status == 200
        org = world.platform_domain(
            authorization={"mode": "cf_identity", "config": {"orgs": ["6e424e4e-5e46-419a-9cb6-eac9de2794e8"]}}
        )
        router.apply(world.configuration(routes, [org]))
        assert connection.get(HOST).status == 403
