"""Health: checks, ejection by how exchanges end, names that lead elsewhere, and balancing over what is left."""

import json
import signal
import socket
import subprocess
import threading
import time

import pytest

from support.configuration import configuration, forward, upstream, yaml
from support.gateway import run_command
from support.waiting import wait_until


def gateway_to(fleet, *origins, threads=1, defaults=None, **options):
    config = configuration({"origin": upstream(*origins, **options)}, [forward("all", path="/**")])
    if defaults:
        config["defaults"] = defaults
    return fleet.gateway(config, threads=threads)


def named(name, status=b"200 OK"):
    def answer(exchange):
        exchange.read_body()
        exchange.answer(status, body=name)

    return answer


def states(gateway):
    _, text = gateway.get_admin("/upstreams")
    return {each["address"]: each for each in json.loads(text)["upstreams"][0]["endpoints"]}


def wait_state(gateway, origin, state):
    wait_until(lambda: states(gateway)[origin.address]["state"] == state, f"{origin.address} is {state}", 15)


ACTIVE = {"path": "/healthz", "interval": "100ms", "timeout": "500ms", "healthy-after": 2, "unhealthy-after": 2}


def well_at_healthz(name, well):
    def answer(exchange):
        if exchange.target == b"/healthz":
            exchange.answer(b"200 OK" if well.is_set() else b"503 Service Unavailable", body=b"")
        else:
            exchange.answer(body=name)

    return answer


def test_checks_take_an_endpoint_out_and_bring_it_back(fleet):
    well = threading.Event()
    well.set()
    sick, other = fleet.origin(well_at_healthz(b"sick", well)), fleet.origin(named(b"other"))
    gateway = gateway_to(fleet, sick, other, threads=2, health={"active": ACTIVE, "passive": "off"})
    with gateway.client() as client:
        assert {client.get().body for _ in range(4)} == {b"sick", b"other"}
        well.clear()
        wait_state(gateway, sick, "unhealthy")
        assert "503" in states(gateway)[sick.address]["reason"]
        wait_until(lambda: all(client.get().body == b"other" for _ in range(8)), "nothing goes there")
        well.set()
        wait_state(gateway, sick, "available")
        wait_until(lambda: client.get().body == b"sick", "it gets requests again")
    assert gateway.metric("martlet_upstream_endpoint_checks_total", endpoint=sick.address, outcome="failed") >= 2
    assert "an endpoint gets no requests" in gateway.stderr()


def test_checks_are_made_from_one_place_for_all_shards(fleet):
    origin = fleet.origin(named(b""))
    gateway = gateway_to(fleet, origin, threads=4, health={"active": {**ACTIVE, "interval": "1s"}, "passive": "off"})
    wait_until(lambda: states(gateway)[origin.address]["checksPassed"] >= 3, "three checks", 15)
    began = time.monotonic()
    count = len(origin.exchanges)
    wait_until(lambda: len(origin.exchanges) >= count + 3, "three more", 15)
    # Four shards that checked each for itself would need less than a second.
    assert time.monotonic() - began > 1.5


@pytest.mark.parametrize("failing", ["refuses", "answers 503"])
def test_failures_in_a_row_eject_on_all_shards_and_time_brings_back(fleet, failing):
    sick, other = fleet.origin(named(b"sick", b"503 Service Unavailable")), fleet.origin(named(b"other"))
    passive = {"consecutive-failures": 3, "eject": "1s"}
    gateway = gateway_to(fleet, sick, other, threads=2, health={"passive": passive}, retries={"on": [503, "connect-failure"]})
    if failing == "refuses":
        sick.stop()
    bodies = set()
    with gateway.client() as client:
        for _ in range(20):
            bodies.add(client.get().body)
    assert bodies == {b"other"}
    wait_state(gateway, sick, "ejected")
    assert states(gateway)[sick.address]["ejections"] == 1
    if failing == "answers 503":
        seen = len(sick.exchanges)
        clients = [gateway.client() for _ in range(8)]
        for client in clients:
            assert client.get().body == b"other"
        assert len(sick.exchanges) == seen, "a shard did not know"
        sick.behaviour = named(b"well")
        wait_state(gateway, sick, "available")
        wait_until(lambda: clients[0].get().body == b"well", "it is back")


def test_the_last_endpoint_is_never_ejected(fleet):
    sick = fleet.origin(named(b"sick", b"503 Service Unavailable"))
    gateway = gateway_to(fleet, sick, health={"passive": {"consecutive-failures": 2}}, retries="off")
    with gateway.client() as client:
        assert [client.get().body for _ in range(10)] == [b"sick"] * 10


def test_with_most_endpoints_gone_all_get_requests_again(fleet):
    well = threading.Event()
    origins = [fleet.origin(well_at_healthz(b"%d" % number, well)) for number in range(3)]
    gateway = gateway_to(fleet, *origins, health={"active": ACTIVE, "passive": "off", "panic": "50%"})
    for origin in origins:
        wait_state(gateway, origin, "unhealthy")
    with gateway.client() as client:
        assert {client.get().body for _ in range(9)} == {b"0", b"1", b"2"}


def test_health_survives_a_reload(fleet):
    well = threading.Event()
    sick, other = fleet.origin(well_at_healthz(b"sick", well)), fleet.origin(named(b"other"))
    health = {"active": {**ACTIVE, "interval": "200ms"}, "passive": "off"}
    gateway = gateway_to(fleet, sick, other, health=health)
    wait_state(gateway, sick, "unhealthy")
    for weight in (2, 3):
        gateway.write_config(
            configuration(
                {"origin": {**upstream(sick, other, health=health), "slow-start": f"{weight}s"}},
                [forward("all", path="/**"), forward(f"more-{weight}", path="/more/**")],
            )
        )
        assert gateway.command("reload").returncode == 0
        with gateway.client() as client:
            assert [client.get().body for _ in range(6)] == [b"other"] * 6


# Balancing, as far as it shows from outside


def test_the_same_key_leads_to_the_same_endpoint(fleet):
    origins = [fleet.origin(named(b"%d" % number)) for number in range(4)]
    gateway = gateway_to(fleet, *origins, threads=2, balance="consistent-hash", hash={"header": "X-User"})
    homes = {}
    for turn in range(4):
        for user in range(40):
            with gateway.client() as client:
                body = client.get(fields=[b"X-User: user-%d" % user]).body
                assert homes.setdefault(user, body) == body
    assert set(homes.values()) == {b"0", b"1", b"2", b"3"}


def test_a_cookie_keeps_a_client_with_its_endpoint(fleet):
    origins = [fleet.origin(named(b"%d" % number)) for number in range(3)]
    gateway = gateway_to(fleet, *origins, sticky_cookie={"name": "SERVER", "secure": False, "max-age": "1h"})
    with gateway.client() as client:
        first = client.get()
        cookie = first.fields.one(b"Set-Cookie")
        assert cookie.startswith(b"SERVER=") and b"Max-Age=3600" in cookie and b"HttpOnly" in cookie
        pair = cookie.split(b";")[0]
        for _ in range(6):
            answer = client.get(fields=[b"Cookie: theme=dark; " + pair + b"; x=y"])
            assert answer.body == first.body and b"Set-Cookie" not in answer.fields
        # A cookie of nobody's is replaced.
        assert b"Set-Cookie" in client.get(fields=[b"Cookie: SERVER=0000000000000000"]).fields
        assert b"Set-Cookie" in client.get(fields=[b"Cookie: SERVER=\xff\xff; SERVER"]).fields


@pytest.mark.parametrize("balance", ["random", "least-latency", "least-requests", "round-robin"])
def test_every_balance_uses_all_endpoints(fleet, balance):
    origins = [fleet.origin(named(b"%d" % number)) for number in range(3)]
    gateway = gateway_to(fleet, *origins, balance=balance)
    with gateway.client() as client:
        assert {client.get().body for _ in range(60)} == {b"0", b"1", b"2"}


# Names


class NameServer:
    """Debian's dnsmasq on a free port, with a hosts file that can be written anew."""

    def __init__(self, folder):
        self.hosts = folder / "hosts"
        self.hosts.write_text("")
        # It needs the port for both protocols; one that is taken by the time it is wanted makes dnsmasq end at once.
        for _ in range(10):
            with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
                stream.bind(("127.0.0.1", 0))
                self.port = stream.getsockname()[1]
                try:
                    datagram.bind(("127.0.0.1", self.port))
                except OSError:
                    continue
            self.process = subprocess.Popen(
                ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", f"--port={self.port}",
                 "--listen-address=127.0.0.1", "--bind-interfaces", f"--addn-hosts={self.hosts}", "--local-ttl=1",
                 "--user=root", "--pid-file="], stderr=subprocess.PIPE,
            )  # fmt: skip
            wait_until(lambda: self.process.poll() is not None or self._answers(), "dnsmasq listens or ends")
            if self.process.poll() is None:
                return
        raise AssertionError(f"dnsmasq does not start: {self.process.stderr.read().decode()}")

    def _answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def lead(self, name, *addresses):
        self.hosts.write_text("".join(f"{address} {name}\n" for address in addresses))
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def name_server(tmp_path):
    server = NameServer(tmp_path)
    yield server
    server.stop()


def test_a_name_that_leads_elsewhere_is_followed_and_one_that_fails_is_kept(fleet, name_server):
    """All loopback addresses are this machine, so an origin that listens on all of them is found under any."""
    other = socket.socket()
    other.bind(("0.0.0.0", 0))
    other.listen(64)
    port = other.getsockname()[1]
    addresses = []
    stop = threading.Event()

    def accept():
        while not stop.is_set():
            try:
                connection, _ = other.accept()
            except OSError:
                return
            addresses.append(connection.getsockname()[0])
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    def serve(connection):
        buffer = b""
        while piece := connection.recv(65_536):
            buffer += piece
            while b"\r\n\r\n" in buffer:
                buffer = buffer.split(b"\r\n\r\n", 1)[1]
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    threading.Thread(target=accept, daemon=True).start()
    name_server.lead("orders.test", "127.0.0.2")
    defaults = {"name-servers": [f"127.0.0.1:{name_server.port}"]}
    gateway = gateway_to(fleet, f"orders.test:{port}", defaults=defaults)
    with gateway.client() as client:
        assert client.get().status == 200 and addresses == ["127.0.0.2"]
        name_server.lead("orders.test", "127.0.0.3", "127.0.0.4")
        wait_until(lambda: client.get().status == 200 and {"127.0.0.3", "127.0.0.4"} <= set(addresses), "both are used", 15)
        count = len(addresses)
        name_server.lead("other.test", "127.0.0.5")
        wait_until(lambda: "cannot be resolved" in gateway.stderr(), "the failure is told", 15)
        assert [client.get().status for _ in range(6)] == [200] * 6
        assert set(addresses[count:]) <= {"127.0.0.3", "127.0.0.4"}
        # A reload while the name fails keeps what was known.
        assert gateway.command("reload").returncode == 0
        assert client.get().status == 200
    stop.set()
    other.close()


def test_an_unknown_name_is_refused_at_the_start(fleet, name_server, tmp_path):
    config = configuration({"origin": upstream("nowhere.test:80")}, [forward("all")])
    config["defaults"] = {"name-servers": [f"127.0.0.1:{name_server.port}"]}
    path = tmp_path / "routes.yaml"
    path.write_text(yaml(config))
    result = run_command("run", "--config", path, folder=tmp_path)
    assert result.returncode == 1 and "upstream 'origin': cannot resolve 'nowhere.test'" in result.stderr, result.stderr
