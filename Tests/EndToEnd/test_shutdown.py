"""SIGTERM, SIGINT and `martlet drain`: nothing is lost, nobody new is let in, exit 0."""

import signal
import threading

import pytest

from cases.case import head, post
from support.configuration import everything_to
from support.raw_client import RawClient
from support.waiting import wait_until


@pytest.fixture
def gateway(fleet, module_origin):
    gateway = fleet.gateway(everything_to(module_origin, timeouts={"drain": "10s"}), threads=2)
    gateway.expected_to_exit = True
    return gateway


class Gate:
    """A behaviour that begins an answer and finishes it when the gate opens."""

    def __init__(self):
        self.open = threading.Event()

    def __call__(self, exchange):
        exchange.read_body()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
        exchange.wait(self.open)
        exchange.send(b"two")


def refuses_connections(address):
    try:
        RawClient(address, patience=1).close()
        return False
    except OSError:
        return True


@pytest.mark.parametrize("ask", ["SIGTERM", "SIGINT", "drain"])
def test_an_exchange_in_progress_finishes_and_the_exit_is_0(gateway, origin, ask):
    gate = Gate()
    origin.behave(gate)
    with gateway.client() as client:
        client.send(head())
        assert client.read_head().status == 200
        if ask == "drain":
            assert gateway.command("drain").returncode == 0
        else:
            gateway.signal(getattr(signal, ask))
        wait_until(lambda: gateway.get_admin("/readyz")[0] == 503, "readyz is red")
        assert "draining" in gateway.get_admin("/readyz")[1]
        assert gateway.get_admin("/livez")[0] == 200
        wait_until(lambda: refuses_connections(gateway.address), "the listener is closed")
        assert gateway.process.poll() is None
        gate.open.set()
        assert client.stream.read_exactly(6) == b"onetwo"
        client.expect_close()
    assert gateway.wait_exit() == 0


def test_an_answer_that_begins_while_draining_says_close(gateway, origin):
    gate = threading.Event()
    origin.behave(lambda exchange: (exchange.wait(gate), exchange.answer()))
    with gateway.client() as client:
        client.send(head())
        origin.seen()
        gateway.signal(signal.SIGTERM)
        wait_until(lambda: refuses_connections(gateway.address), "the listener is closed")
        gate.set()
        response = client.read_response()
        assert response.status == 200 and b"close" in response.fields.tokens(b"Connection")
        client.expect_close()
    assert gateway.wait_exit() == 0


def test_idle_connections_are_told_and_closed(gateway, origin):
    clients = [gateway.client() for _ in range(8)]
    assert [client.get().status for client in clients] == [200] * 8
    gateway.signal(signal.SIGTERM)
    for client in clients:
        client.expect_close()
    assert gateway.wait_exit(5) == 0


def test_a_request_that_meets_the_drain_is_answered_or_never_taken(gateway, origin):
    """A keep-alive client that asks just when the drain begins gets a whole answer or a clean end, never half of one."""
    with gateway.client() as client:
        assert client.get().status == 200
        gateway.signal(signal.SIGTERM)
        client.send(head(b"GET /racing HTTP/1.1"))
        rest = client.stream.read_to_end()
        assert not rest or (rest.startswith(b"HTTP/1.1 200") and rest.endswith(b"ok")) or rest.startswith(b"HTTP/1.1 503"), rest
    assert gateway.wait_exit() == 0


def test_an_upload_in_progress_finishes(gateway, origin):
    with gateway.client() as client:
        client.send(post(b"Content-Length: 6", body=b"one"))
        origin.seen()
        gateway.signal(signal.SIGTERM)
        wait_until(lambda: refuses_connections(gateway.address), "the listener is closed")
        client.send(b"two")
        assert client.read_response().body == b"ok"
        client.expect_close()
    assert origin.exchanges[0].body == b"onetwo"
    assert gateway.wait_exit() == 0


def test_the_grace_time_ends_an_exchange_that_does_not(fleet, origin, module_origin):
    gateway = fleet.gateway(everything_to(module_origin, timeouts={"drain": "300ms"}))
    gateway.expected_to_exit = True
    gate = Gate()
    origin.behave(gate)
    with gateway.client() as client:
        client.send(head())
        assert client.read_head().status == 200
        gateway.signal(signal.SIGTERM)
        assert gateway.wait_exit(8) == 0
        client.stream.read_to_end()
    gate.open.set()


def test_a_second_signal_ends_at_once(gateway, origin):
    gate = Gate()
    origin.behave(gate)
    with gateway.client() as client:
        client.send(head())
        assert client.read_head().status == 200
        gateway.signal(signal.SIGTERM)
        wait_until(lambda: gateway.get_admin("/readyz")[0] == 503, "the first signal was taken")
        gateway.signal(signal.SIGTERM)
        gateway.wait_exit(8)
    gate.open.set()


def test_the_access_log_is_complete_at_the_exit(gateway, origin):
    with gateway.client() as client:
        for number in range(200):
            assert client.get(b"/%d" % number).status == 200
    gateway.signal(signal.SIGTERM)
    assert gateway.wait_exit() == 0
    assert sorted(int(each["target"][1:]) for each in gateway.access_records()) == list(range(200))
