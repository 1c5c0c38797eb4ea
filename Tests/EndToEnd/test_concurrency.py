"""What may be in progress at once: by key, by route, and at an upstream as its latency allows."""

import threading
import time

import pytest

from support.configuration import configuration, forward, upstream
from support.waiting import wait_until


class Gate:
    """An origin's answers, held back until it opens."""

    def __init__(self):
        self.event = threading.Event()

    def __call__(self, exchange):
        exchange.wait(self.event)
        exchange.answer()


def ask(client, target, *fields):
    client.send(b"\r\n".join([b"GET " + target + b" HTTP/1.1", b"Host: a", *fields, b"", b""]))


@pytest.fixture
def gateway(fleet, module_origin):
    routes = [
        forward("two", path="/two/**", filters=[{"concurrency-limit": {"limit": 2}}]),
        forward("keyed", path="/keyed/**", filters=[{"concurrency-limit": {"limit": 1, "key": {"header": "X-Tenant"}}}]),
        forward("free", path="/free/**"),
    ]
    return fleet.gateway(configuration({"origin": upstream(module_origin)}, routes), threads=2)


def test_no_more_than_so_many_at_once(gateway, origin):
    gate = Gate()
    origin.behave(gate)
    clients = [gateway.client() for _ in range(3)]
    for client in clients[:2]:
        ask(client, b"/two/1")
    origin.seen(2)
    ask(clients[2], b"/two/1")
    refused = clients[2].read_response()
    assert refused.status == 503 and refused.problem_word() == "concurrency-limited"
    assert refused.fields.one(b"Retry-After") == b"1"
    gate.event.set()
    assert [client.read_response().status for client in clients[:2]] == [200, 200]
    # The places are free again, on whatever thread.
    for client in clients:
        for _ in range(3):
            assert client.get(b"/two/1").status == 200
    for client in clients:
        client.close()


def test_each_key_has_places_of_its_own(gateway, origin):
    gate = Gate()
    origin.behave(gate)
    with gateway.client() as first, gateway.client() as second, gateway.client() as third:
        ask(first, b"/keyed/1", b"X-Tenant: a")
        origin.seen(1)
        assert second.get(b"/keyed/1", fields=[b"X-Tenant: a"]).status == 503
        ask(third, b"/keyed/1", b"X-Tenant: b")
        origin.seen(2)
        gate.event.set()
        assert first.read_response().status == 200 and third.read_response().status == 200


@pytest.mark.parametrize("leave", ["close", "reset"])
def test_a_client_that_leaves_gives_its_place_back(gateway, origin, leave):
    gate = Gate()
    origin.behave(gate)
    clients = [gateway.client() for _ in range(2)]
    for client in clients:
        ask(client, b"/two/1")
    origin.seen(2)
    for client in clients:
        getattr(client, leave)()
    gate.event.set()
    with gateway.client() as client:
        wait_until(lambda: client.get(b"/two/1").status == 200, "a place is free again")


def test_a_reload_keeps_what_is_in_progress(gateway, origin, module_origin):
    gate = Gate()
    origin.behave(gate)
    clients = [gateway.client() for _ in range(2)]
    for client in clients:
        ask(client, b"/two/1")
    origin.seen(2)
    routes = [forward("two", path="/two/**", filters=[{"concurrency-limit": {"limit": 2}}]), forward("more", path="/more")]
    gateway.write_config(configuration({"origin": upstream(module_origin)}, routes))
    assert gateway.command("reload").returncode == 0
    with gateway.client() as client:
        assert client.get(b"/two/1").status == 503
        gate.event.set()
        assert [each.read_response().status for each in clients] == [200, 200]
        assert client.get(b"/two/1").status == 200


def test_an_upstream_is_given_what_it_can_answer(fleet, module_origin, origin):
    """An origin that becomes slow under load: some requests are refused at once, none waits for long, and all is well afterwards."""
    busy = threading.BoundedSemaphore(4)

    def slow(exchange):
        with busy:
            time.sleep(0.02)
        exchange.answer()

    origin.behave(slow)
    limits = {"minimum": 2, "initial": 4, "maximum": 64}
    gateway = fleet.gateway(
        configuration({"origin": upstream(module_origin, adaptive_concurrency=limits)}, [forward("a", path="/**")]))
    statuses, longest = [], [0.0]

    def load():
        with gateway.client() as client:
            end = time.monotonic() + 1.5
            while time.monotonic() < end:
                began = time.monotonic()
                response = client.get(b"/a")
                statuses.append(response.status)
                if response.status == 503:
                    assert response.problem_word() == "upstream-saturated"
                    time.sleep(0.01)
                longest[0] = max(longest[0], time.monotonic() - began)

    loads = [threading.Thread(target=load) for _ in range(48)]
    for each in loads:
        each.start()
    for each in loads:
        each.join()
    assert set(statuses) == {200, 503}
    assert statuses.count(200) > 100
    # 48 at once would have waited for a quarter of a second each.
    assert longest[0] < 1
    with gateway.client() as client:
        assert [client.get(b"/a").status for _ in range(5)] == [200] * 5
