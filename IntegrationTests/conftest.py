import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness import tools  # noqa: E402
from harness.agent import Agent  # noqa: E402
from harness.audited import audited, filed  # noqa: E402
from harness.authority import Authority  # noqa: E402
from harness.authority_process import AuthorityProcess  # noqa: E402
from harness.backend import Backend, echo  # noqa: E402
from harness.bus import Bus  # noqa: E402
from harness.control_plane import ControlPlane, Gateway  # noqa: E402
from harness.egress import Egress  # noqa: E402
from harness.http2_backend import HTTP2Backend  # noqa: E402
from harness.kafka import Kafka  # noqa: E402
from harness.listening import Listening  # noqa: E402
from harness.mesh import Mesh  # noqa: E402
from harness.revocations import Following  # noqa: E402
from harness.router import Router  # noqa: E402
from harness.stand_in_authority import StandInAuthority  # noqa: E402
from harness.world import World  # noqa: E402


def pytest_sessionstart(session):
    absent = tools.missing()
    if absent:
        pytest.exit(f"these programs are needed and absent: {', '.join(absent)}", returncode=3)


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def module_backend():
    """A backend that tests of one file share; it echoes unless a test gives it another script."""
    with Backend() as backend:
        yield backend


@pytest.fixture
def echoing(module_backend):
    """The file's backend with nothing left of the tests before."""
    module_backend.script = echo
    module_backend.drop_connections()
    module_backend.forget()


@pytest.fixture
def backend():
    with Backend() as backend:
        yield backend


@pytest.fixture
def start_backend():
    """Starts backends and stops them with the test."""
    backends = []

    def start(*arguments, **options):
        backends.append(Backend(*arguments, **options))
        return backends[-1]

    yield start
    for backend in backends:
        backend.stop()


@pytest.fixture
def start_http2_backend():
    """Starts backends of HTTP/2 and stops them with the test."""
    backends = []

    def start(*arguments, **options):
        backends.append(HTTP2Backend(*arguments, **options))
        return backends[-1]

    yield start
    for backend in backends:
        backend.stop()


@pytest.fixture
def start_router(tmp_path):
    """Starts routers and stops them with the test; shows their log when the test fails."""
    routers = []

    def start(configuration, **options):
        router = Router(configuration, tmp_path / f"router-{len(routers)}", **options)
        routers.append(router)
        return router.start()

    yield start
    _stop(routers)


@pytest.fixture
def start_egress(world, tmp_path):
    """Starts forward proxies whose two workloads have their certificates, and stops them with the test."""
    proxies = []

    def start(router, certificates=True, **section):
        egress = Egress(world, router, tmp_path / f"egress-{len(proxies)}", **section)
        proxies.append(egress)
        if certificates:
            egress.give("frontend", world.frontend)
            egress.give("other", world.other_app)
        return egress.start()

    yield start
    _stop(proxies)


@pytest.fixture
def authority(world, tmp_path):
    """A stand-in for the authority that routers get revocations from."""
    with Authority(world.server_root, tmp_path) as made:
        yield made


@pytest.fixture
def mesh(world, tmp_path):
    return Mesh(world, tmp_path / "mesh")


@pytest.fixture
def following(world, start_router, backend, authority):
    return Following(world, start_router, backend, authority)


@pytest.fixture(scope="module")
def start_module_router(tmp_path_factory):
    """The same for a router that all tests of one file share."""
    routers = []

    def start(configuration, **options):
        router = Router(configuration, tmp_path_factory.mktemp("router"), **options)
        routers.append(router)
        return router.start()

    yield start
    _stop(routers)


@pytest.fixture
def start_authority(tmp_path):
    """Starts authorities and stops them with the test; shows their log when the test fails."""
    started = []

    def start(**options):
        process = AuthorityProcess(tmp_path / f"authority-{len(started)}", **options)
        started.append(process)
        return process.start()

    yield start
    _stop_authorities(started)


@pytest.fixture(scope="module")
def shared_authority(tmp_path_factory):
    """An authority that all tests of one file share; each keeps to services and agents of its own."""
    process = AuthorityProcess(tmp_path_factory.mktemp("authority"), tokens={}).start()
    yield process
    _stop_authorities([process])


def _stop_authorities(started):
    for process in started:
        crashed = process.is_expected_to_run and not process.is_running
        code = process.stop()
        print(f"--- log of the authority in {process.directory}", *process.raw_log[-60:], sep="\n")
        assert not crashed, f"the authority ended by itself with {code}"


@pytest.fixture
def stand_in(tmp_path):
    with StandInAuthority(tmp_path / "authority") as authority:
        yield authority


@pytest.fixture
def make_agent(tmp_path, stand_in):
    """Makes agents of the stand-in authority and ends them with the test; shows their log when the test fails."""
    agents = []

    def make(**options):
        agent = Agent(tmp_path / f"agent-{len(agents)}", options.pop("authority", stand_in), **options)
        agents.append(agent)
        return agent

    yield make
    for agent in agents:
        print(f"--- log of the agent in {agent.directory}", *agent.raw_log[-60:], sep="\n")
        agent.stop()


@pytest.fixture
def join_agent(tmp_path):
    """Starts agents that join a real authority, and ends them with the test; shows their log when the test fails."""
    agents = []

    def start(authority, *services, name, token=None, allowed=None, **options):
        token = token or authority.join_token(name, *(allowed or services))
        agent = Agent(tmp_path / f"agent-{len(agents)}", authority, services, token=token, **options)
        agents.append(agent)
        return agent.start()

    yield start
    for agent in agents:
        print(f"--- log of the agent in {agent.directory}", *agent.raw_log[-60:], sep="\n")
        agent.stop()


def _stop(routers):
    for router in routers:
        ended_by_itself = router.has_served and not router.is_running
        router.stop()
        print(f"--- log of the router in {router.directory}", *router.raw_log[-60:], sep="\n")
        assert not ended_by_itself or router.wait_for_exit() == 0, "the router crashed"


@pytest.fixture
def bus(tmp_path):
    """A message bus with a user and a password, in plain text."""
    with Bus(tmp_path) as made:
        yield made


@pytest.fixture
def listening(world, start_router, bus):
    """A router that takes its routes from the bus alone, and is ready."""
    return Listening(world, start_router, bus)


@pytest.fixture
def plane(tmp_path):
    """A control plane of the test's own."""
    with ControlPlane(tmp_path / "plane-0") as started:
        yield started


@pytest.fixture(scope="module")
def module_plane(tmp_path_factory):
    """A control plane that all tests of one file share."""
    with ControlPlane(tmp_path_factory.mktemp("plane")) as started:
        yield started


@pytest.fixture
def gateway(world, start_router, plane, tmp_path):
    """A router that follows the test's control plane."""
    return Gateway(world, start_router, plane.feed(tmp_path))


@pytest.fixture
def kafka(request):
    """Brokers of the make that the test is parametrized with, and else of librdkafka's own; not started."""
    with getattr(request, "param", Kafka)() as made:
        yield made


@pytest.fixture
def start_filed(tmp_path):
    """Starts `countersign authz` with events in a file; see harness.audited."""
    started = []

    def make(audit=None, **options):
        started.append(filed(tmp_path / f"authz-{len(started)}", audit, **options))
        return started[-1].__enter__()

    yield make
    for made in started:
        made.__exit__()


@pytest.fixture
def start_audited(tmp_path, kafka):
    """Starts `countersign authz` with events for the brokers; see harness.audited."""
    started = []

    def make(**options):
        started.append(audited(tmp_path / f"authz-{len(started)}", kafka, **options))
        return started[-1].__enter__()

    yield make
    for made in started:
        made.__exit__()
