"""The bus that registers routes, where a row has more of them than a file may: a real nats-server."""

import json
import socket
import time
import urllib.request
from pathlib import Path

from .certificates import APP, registered_host
from .peers import Site
from .peers.site import program
from .servers import Server

REGISTERED_SECONDS = 60


def start(folder: Path, port: int, processor: int) -> Server:
    command = [program("nats-server"), "--addr", "127.0.0.1", "--port", str(port)]
    return Server("nats-server", command, port, processor, folder / "nats-server.log")


def register(site: Site) -> None:
    """Registers as many routes as the row asks for, one endpoint each, and waits until the router has them."""
    messages = [registration(number, site) for number in range(site.setting.registered)]
    wanted = site.setting.registered + site.setting.routes
    limit = time.monotonic() + REGISTERED_SECONDS
    with socket.create_connection(("127.0.0.1", site.bus_port), 10) as bus:
        bus.sendall(b'CONNECT {"verbose":false,"pedantic":false}\r\n')
        # What is published before the router has subscribed reaches nobody: as a platform does, it is said again.
        while (known := routes(site.admin_port)) < wanted:
            if time.monotonic() > limit:
                raise RuntimeError(f"{known} of {wanted} routes are known after {REGISTERED_SECONDS} s")
            bus.sendall(b"".join(messages))
            time.sleep(1)


def registration(number: int, site: Site) -> bytes:
    message = {
        "host": "127.0.0.1",
        "port": site.backend_port,
        "uris": [registered_host(number)],
        "private_instance_id": str(number),
        "stale_threshold_in_seconds": 3600,
        "options": {"mtls_allowed_apps": f"{APP},{number}" if site.setting.policies else APP},
    }
    content = json.dumps(message).encode()
    return b"PUB router.register %d\r\n%s\r\n" % (len(content), content)


def routes(admin_port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{admin_port}/metrics", timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith("router_routes "):
                return int(float(line.split()[1]))
    return 0
