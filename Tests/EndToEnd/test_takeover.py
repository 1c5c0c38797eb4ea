"""A successor takes the sockets over: no connection is refused, reset or lost."""

import socket
import subprocess
import threading
import time

import pytest

from cases.case import head
from support.configuration import configuration, forward, respond, upstream
from support.gateway import BINARY, Gateway
from support.waiting import PATIENCE, wait_until


class Successor(Gateway):
    """Runs on the file of another gateway, in its folder."""

    def __init__(self, other, threads=1):
        self.other = other
        super().__init__(other.folder, other.config_path.read_text(), threads=threads, arguments=["--take-over"])


def build(origin, drain="5s"):
    return configuration({"origin": upstream(origin)}, [forward("all")], timeouts={"drain": drain})


class Load:
    """Clients that make connection after connection; every answer must be whole."""

    def __init__(self, address, clients=8):
        self.address = address
        self.stop = threading.Event()
        self.failures = []
        self.done = 0
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def _run(self):
        while not self.stop.is_set():
            try:
                with socket.create_connection(self.address, timeout=PATIENCE) as client:
                    for _ in range(3):
                        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                        received = b""
                        while not received.endswith(b"\r\n\r\nok"):
                            piece = client.recv(4_096)
                            if not piece:
                                raise ConnectionError(f"ended after {received!r}")
                            received += piece
                        self.done += 1
                        if b"Connection: close" in received:
                            break
            except OSError as problem:
                self.failures.append(repr(problem))

    def finish(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(2 * PATIENCE)
        assert not self.failures, (len(self.failures), self.failures[:5], self.done)
        return self.done


@pytest.mark.parametrize(("before", "after"), [(1, 1), (2, 2), (4, 1), (1, 3), (2, 3)])
def test_under_load_nothing_is_lost(fleet, module_origin, before, after):
    old = fleet.gateway(build(module_origin), threads=before)
    old.expected_to_exit = True
    load = Load(old.address)
    wait_until(lambda: load.done > 100, "the load runs", 20)
    new = Successor(old, threads=after)
    fleet.gateways.append(new)
    assert new.address == old.address and new.admin == old.admin
    assert old.wait_exit() == 0, old.stderr()
    count = load.done
    wait_until(lambda: load.done > count + 100, "the load goes on", 20)
    load.finish()
    assert new.get_admin("/readyz")[0] == 200
    assert "handing over" in old.stderr()


def test_several_upgrades_in_a_row(fleet, module_origin):
    gateway = fleet.gateway(build(module_origin), threads=2)
    load = Load(gateway.address)
    for _ in range(3):
        gateway.expected_to_exit = True
        successor = Successor(gateway, threads=2)
        fleet.gateways.append(successor)
        assert gateway.wait_exit() == 0
        gateway = successor
    load.finish()
    assert gateway.command("reload").returncode == 0


def test_an_exchange_in_progress_finishes_with_the_old_process(fleet, origin, module_origin):
    gate = threading.Event()

    def slow(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
        exchange.wait(gate)
        exchange.send(b"two")

    origin.behave(slow)
    old = fleet.gateway(build(module_origin))
    old.expected_to_exit = True
    with old.client() as client:
        client.send(head())
        assert client.read_head().status == 200
        new = Successor(old)
        fleet.gateways.append(new)
        assert old.process.poll() is None
        gate.set()
        assert client.stream.read_exactly(6) == b"onetwo"
    assert old.wait_exit() == 0


def test_a_successor_that_does_not_start_changes_nothing(fleet, module_origin):
    old = fleet.gateway(build(module_origin))
    good = old.config_path.read_text()
    bad = good.replace("forward: origin", "forward: orign")
    (old.folder / "elsewhere").mkdir()
    result = subprocess.run(
        [str(BINARY), "run", "--take-over", "--config", str(old.config_path), "--threads", "0"], capture_output=True, timeout=30,
        check=False,
    )  # fmt: skip
    assert result.returncode == 64
    old.write_config(bad)
    result = subprocess.run(
        [str(BINARY), "run", "--take-over", "--config", str(old.config_path)], capture_output=True, text=True, timeout=30,
        check=False,
    )  # fmt: skip
    assert result.returncode == 1 and "did you mean `origin`" in result.stderr
    with old.client() as client:
        assert client.get().status == 200
    old.write_config(good)


def test_without_a_predecessor_it_starts_as_usual(fleet, module_origin, tmp_path):
    gateway = Gateway(tmp_path, build(module_origin), arguments=["--take-over"])
    fleet.gateways.append(gateway)
    with gateway.client() as client:
        assert client.get().status == 200


def test_a_second_gateway_on_the_same_file_is_told_how(fleet, module_origin):
    old = fleet.gateway(build(module_origin))
    result = subprocess.run(
        [str(BINARY), "run", "--config", str(old.config_path)], capture_output=True, text=True, timeout=30, check=False
    )
    assert result.returncode == 3 and "--take-over" in result.stderr


# The service manager


def activate(fleet, tmp_path, config, sockets, notify=None):
    """As systemd does: listening sockets from descriptor 3 on, announced in the environment."""
    environment = {"LISTEN_FDS": str(len(sockets)), "LISTEN_FDNAMES": ":".join(f"s{i}" for i in range(len(sockets)))}
    if notify:
        environment["NOTIFY_SOCKET"] = notify
    gateway = Gateway(tmp_path, config, threads=2, environment=environment, inherited=[each.fileno() for each in sockets])
    fleet.gateways.append(gateway)
    return gateway


def test_sockets_of_the_service_manager_are_used_and_it_is_told(fleet, tmp_path):
    with socket.socket() as listening, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE)
        waiting = [socket.create_connection(listening.getsockname(), timeout=PATIENCE) for _ in range(10)]
        port = listening.getsockname()[1]
        listeners = [{"name": "edge", "address": f"127.0.0.1:{port}"}]
        config = configuration({}, [respond("all", 200, "ok")], listeners=listeners)
        gateway = activate(fleet, tmp_path, config, [listening], notify=str(tmp_path / "notify"))
        assert b"READY=1" in manager.recv(4_096)
        for client in waiting:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            assert client.recv(4_096).startswith(b"HTTP/1.1 200")
            client.close()
        gateway.expected_to_exit = True
        gateway.stop()
        assert b"STOPPING=1" in manager.recv(4_096)
        # The manager keeps the socket: who comes now waits for the next process.
        later = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        later.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        began = time.monotonic()
        again = tmp_path / "again"
        again.mkdir()
        activate(fleet, again, config, [listening])
        assert later.recv(4_096).startswith(b"HTTP/1.1 200")
        assert time.monotonic() - began < PATIENCE
