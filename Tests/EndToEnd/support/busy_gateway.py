"""A gateway that uses whatever has metrics, and traffic that moves most of them."""

import socket
import ssl

from support.certificates import Authority
from support.collector import Collector
from support.configuration import configuration, forward, respond, upstream
from support.provider import Provider
from support.waiting import PATIENCE

CHECKS = {"path": "/healthz", "interval": "200ms", "timeout": "150ms", "unhealthy-after": 1}


class BusyGateway:
    """The gateway with all that stands around it: origins, a key provider, a collector of spans, an authority
    for certificates."""

    def __init__(self, fleet, folder):
        self.provider = Provider()
        self.collector = Collector()
        self.authority = Authority(folder)
        self.origin = fleet.origin()
        self.absent = f"127.0.0.1:{_port_without_listener()}"
        self.gateway = fleet.gateway(self._configuration(), threads=2)

    def _configuration(self):
        chain, key = self.authority.issue("localhost")
        listeners = [
            {"name": "public", "address": "127.0.0.1:0"},
            {"name": "edge", "address": "127.0.0.1:0", "tls": {"certificate": str(chain), "key": str(key)}},
        ]
        upstreams = {
            "shop": upstream(self.origin, health={"active": CHECKS}, breaker={}, hedge={"percentile": 95}),
            # One of its endpoints is not there: retries, failed connects, ejections.
            "flaky": upstream(self.origin, self.absent, retries={"attempts": 3, "on": ["connect-failure"]}, breaker="off",
                              health={"passive": {"consecutive-failures": 2, "eject": "1s"}}),
            "absent": upstream(self.absent, health={"active": CHECKS, "passive": "off"}),
        }  # fmt: skip
        routes = [
            forward("shop", to="shop", path="/shop/**"),
            forward("flaky", to="flaky", path="/flaky/**"),
            forward("absent", to="absent", path="/absent/**"),
            forward("guarded", to="shop", path="/guarded/**", filters=[{"jwt": {"issuers": "shop"}}]),
            forward("limited", to="shop", path="/limited/**", filters=[{"rate-limit": {"rate": "2/h"}}]),
            forward("crowded", to="shop", path="/crowded/**", filters=[{"concurrency-limit": {"limit": 100}}]),
            respond("hello", 200, "hello\n", path="/hello"),
        ]
        whole = configuration(upstreams, routes, listeners=listeners)
        whole["tracing"] = {"zipkin": self.collector.url, "sample": "100%"}
        whole["issuers"] = {"shop": self.provider.declaration()}
        return whole

    def traffic(self, rounds=4):
        """Some requests of each kind."""
        token = b"Authorization: Bearer " + self.provider.token().encode()
        with self.gateway.client() as client:
            for _ in range(rounds):
                for target in (b"/shop/1", b"/flaky/1", b"/absent/1", b"/limited/1", b"/crowded/1", b"/guarded/1", b"/hello", b"/nowhere"):
                    client.get(target)
                client.get(b"/guarded/1", fields=[token])
        self._over_tls()

    def _over_tls(self):
        context = ssl.create_default_context(cafile=self.authority.file)
        with socket.create_connection(self.gateway.listeners["edge"], timeout=PATIENCE) as raw:
            with context.wrap_socket(raw, server_hostname="localhost") as tls:
                tls.sendall(b"GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                while tls.recv(65_536):
                    pass

    def stop(self):
        self.provider.stop()
        self.collector.stop()


def _port_without_listener():
    """A port that refuses connects: it was free a moment ago, and belongs to nobody."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
