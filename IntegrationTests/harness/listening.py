"""A router that takes its routes from the message bus, and what tests ask of it."""

import json

from harness.waiting import until


class Listening:
    """Starts a router on a bus; its routes are asked for over connections without a client certificate."""

    def __init__(self, world, start_router, bus, routes=(), domains=None, mtls=None, options=None, **section):
        """`mtls` is the section of the router's own identity, `options` are keys of the section `router`.

        By default a route is forgotten with its last endpoint.
        """
        self.world, self.bus = world, bus
        options = {"empty_pool_response_code_503": False, **(options or {})}
        configuration = world.configuration(list(routes), domains=domains, **options)
        configuration["nats"] = bus.section(**section)
        if mtls:
            configuration["mtls"] = mtls
        self.router = start_router(configuration)
        self.wait_until_ready()

    def wait_until_ready(self):
        until(lambda: self.router.admin("/health/ready")[0] == 200, 10, "the router being ready")

    def health(self):
        """Status and reason of the component `nats`."""
        component = json.loads(self.router.admin("/health")[2])["components"]["nats"]
        return component["status"], component.get("reason", "")

    def server(self):
        """The server of the bus that the router is connected to."""
        return self.router.wait_for_line("connected to the bus")["server"]

    def wait_for_health(self, status, within=10):
        return until(lambda: (found := self.health())[0] == status and found, within, f"nats being {status}")

    def get(self, host, path="/"):
        with self.world.connect(self.router, "plain.example.com") as connection:
            return connection.get(host, path)

    def status(self, host, path="/"):
        return self.get(host, path).status

    def wait_for(self, status, host, path="/", within=10):
        """Waits until requests for a host are answered with this status."""
        until(lambda: self.status(host, path) == status, within, f"{host}{path} answering {status}")

    def ports(self, host, path="/", times=12):
        """The backends that requests are spread over, by what they answer with."""
        return {self.get(host, path).body.decode() for _ in range(times)}

    def rejected(self, reason):
        return self.router.metric("router_nats_rejected_total", reason=reason)

    def messages(self, subject):
        return self.router.metric("router_nats_messages_total", subject=subject)


def seconds_served(listening):
    """In how many different seconds the router has answered requests, by its own log of them."""
    return len({record["time"][:19] for record in listening.router.access_records()})
