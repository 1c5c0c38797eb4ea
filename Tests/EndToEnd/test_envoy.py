"""Envoy on either side of the gateway, over TLS: a neighbour that somebody else wrote."""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from support.certificates import Authority
from support.configuration import configuration, forward, upstream
from support.raw_client import RawClient
from support.waiting import wait_until

ENVOY = shutil.which("envoy") or str(Path(sys.executable).parent / "envoy")

pytestmark = pytest.mark.skipif(not Path(ENVOY).exists(), reason="envoy is not installed")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Envoy:
    """A listener that forwards everything to one place; TLS on either side as told."""

    def __init__(self, folder, to, chain=None, key=None, authority=None):
        self.port = free_port()
        filters = {
            "name": "envoy.filters.network.http_connection_manager",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                "stat_prefix": "in",
                "upgrade_configs": [{"upgrade_type": "websocket"}],
                "http_filters": [{
                    "name": "envoy.filters.http.router",
                    "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
                }],
                "route_config": {"virtual_hosts": [{
                    "name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "next"}}],
                }]},
            },
        }  # fmt: skip
        chain_entry = {"filters": [filters]}
        if chain:
            chain_entry["transport_socket"] = self.socket("DownstreamTlsContext", {"common_tls_context": {
                "tls_certificates": [{"certificate_chain": {"filename": str(chain)}, "private_key": {"filename": str(key)}}],
            }})  # fmt: skip
        cluster = {
            "name": "next", "type": "STATIC", "load_assignment": {"cluster_name": "next", "endpoints": [{"lb_endpoints": [
                {"endpoint": {"address": self.address(to)}}]}]},
        }  # fmt: skip
        if authority:
            cluster["transport_socket"] = self.socket("UpstreamTlsContext", {"sni": "localhost", "common_tls_context": {
                "validation_context": {"trusted_ca": {"filename": str(authority)}}, "alpn_protocols": ["http/1.1"],
            }})  # fmt: skip
        config = {
            "static_resources": {
                "listeners": [{"address": self.address(self.port), "filter_chains": [chain_entry]}], "clusters": [cluster],
            },
        }  # fmt: skip
        path = folder / "envoy.json"
        path.write_text(json.dumps(config))
        self.process = subprocess.Popen(
            [ENVOY, "-c", str(path), "--concurrency", "1", "-l", "off", "--disable-hot-restart"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        wait_until(self._answers, "envoy listens", 30)

    @staticmethod
    def address(port):
        return {"socket_address": {"address": "127.0.0.1", "port_value": port}}

    @staticmethod
    def socket(kind, context):
        base = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3."
        return {"name": "envoy.transport_sockets.tls", "typed_config": {"@type": base + kind, **context}}

    def _answers(self):
        assert self.process.poll() is None, self.process.stderr.read().decode()[-2_000:]
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("envoy-certificates"))


def bodies_pass(client):
    for size in (0, 1, 16_384, 300_000):
        body = b"e" * size
        head = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % size
        response = client.request(head + body, b"POST")
        assert response.status == 200 and response.body == body


def echo(exchange):
    exchange.answer(body=exchange.read_body())


def test_envoy_as_a_tls_origin(fleet, module_origin, authority, tmp_path):
    module_origin.behave(echo)
    chain, key = authority.issue("envoy-origin")
    envoy = Envoy(tmp_path, module_origin.port, chain, key)
    try:
        tls = {"authorities": str(authority.file)}
        gateway = fleet.gateway(configuration({"origin": upstream(f"localhost:{envoy.port}", tls=tls)}, [forward("all")]))
        with gateway.client() as client:
            bodies_pass(client)
            bodies_pass(client)
        # One connection, one handshake, whatever was sent over it.
        assert gateway.metric("martlet_upstream_connects_total", outcome="ok") == 1
    finally:
        envoy.stop()


def test_envoy_in_front_speaks_tls_to_the_gateway(fleet, module_origin, authority, tmp_path):
    module_origin.behave(echo)
    chain, key = authority.issue("behind-envoy")
    listener = {
        "name": "edge", "address": "127.0.0.1:0", "trusted-proxies": ["127.0.0.0/8"],
        "tls": {"certificate": str(chain), "key": str(key)},
    }  # fmt: skip
    gateway = fleet.gateway(
        configuration({"origin": upstream(module_origin)}, [forward("all")], listeners=[listener])
    )
    envoy = Envoy(tmp_path, gateway.address[1], authority=authority.file)
    try:
        with RawClient(("127.0.0.1", envoy.port)) as client:
            bodies_pass(client)
        fields = module_origin.seen()[-1].fields
        assert fields.one(b"X-Request-Id")
        # Envoy speaks TLS 1.2 to its origins unless told otherwise.
        assert gateway.metric("martlet_downstream_tls_handshakes_total", version="TLSv1.2", kind="full") >= 1
    finally:
        envoy.stop()
