"""Retries, the queue, the breaker and hedges: what is tried again, where, and what never is."""

import socket
import threading
import time

import pytest

from cases.case import head, post
from support.configuration import configuration, forward, upstream
from support.waiting import wait_until


def gateway_to(fleet, *origins, **options):
    return fleet.gateway(configuration({"origin": upstream(*origins, **options)}, [forward("all")]))


def named(name, status=b"200 OK", fields=()):
    def answer(exchange):
        exchange.read_body()
        exchange.answer(status, body=name, fields=fields)

    return answer


@pytest.fixture
def nobody():
    """An address that refuses: the port is bound, so that nobody else gets it, and does not listen."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield "127.0.0.1:%d" % held.getsockname()[1]


# Connects that fail


@pytest.mark.parametrize("method", [b"GET", b"POST"])
def test_an_endpoint_that_refuses_costs_no_request(fleet, nobody, method):
    """Not one octet went out, so even a POST may go to the next."""
    origin = fleet.origin(named(b"alive"))
    gateway = gateway_to(fleet, nobody, origin)
    with gateway.client() as client:
        for _ in range(8):
            request = head(method + b" / HTTP/1.1") if method == b"GET" else post(b"Content-Length: 2", body=b"hi")
            assert client.request(request).body == b"alive"
    assert gateway.metric("martlet_upstream_retries_total") >= 1


def test_retries_can_be_switched_off(fleet, nobody):
    gateway = gateway_to(fleet, nobody, fleet.origin(), retries="off", health={"passive": "off"})
    with gateway.client() as client:
        statuses = {client.get().status for _ in range(6)}
    assert statuses == {200, 502}


def test_with_nobody_left_the_client_is_told(fleet, nobody):
    gateway = gateway_to(fleet, nobody)
    with gateway.client() as client:
        response = client.get()
        assert response.status == 502 and response.problem_word() == "connect-failed"


# Connections that break


@pytest.mark.parametrize("ending", ["close", "reset"])
def test_a_get_that_broke_before_its_answer_goes_elsewhere(fleet, ending):
    broken = fleet.origin(lambda exchange: getattr(exchange, ending)())
    gateway = gateway_to(fleet, broken, fleet.origin(named(b"alive")))
    with gateway.client() as client:
        assert [client.get().body for _ in range(4)] == [b"alive"] * 4
    assert broken.accepted >= 1


def test_a_post_that_broke_is_not_sent_again(fleet):
    broken = fleet.origin(lambda exchange: (exchange.read_body(), exchange.close()))
    alive = fleet.origin(named(b"alive"))
    gateway = gateway_to(fleet, broken, alive, retries={"attempts": 5, "on": ["reset", "connect-failure", "timeout"]})
    with gateway.client() as client:
        statuses = [client.request(post(b"Content-Length: 2", body=b"hi")).status for _ in range(4)]
    assert sorted(statuses) == [200, 200, 502, 502]
    assert all(len(connection.exchanges) == 1 for connection in broken.connections)


def test_attempts_are_bounded(fleet):
    broken = fleet.origin(lambda exchange: exchange.close())
    gateway = gateway_to(fleet, broken, retries={"attempts": 3, "back-off": "1ms", "back-off-max": "2ms"})
    with gateway.client() as client:
        assert client.get().status == 502
    assert len(broken.exchanges) == 3
    assert gateway.wait_access_record(lambda each: each["status"] == 502)["attempts"] == 3


# Statuses


def test_a_listed_status_is_tried_elsewhere_and_another_is_passed_on(fleet):
    busy = fleet.origin(named(b"busy", b"503 Service Unavailable"))
    gateway = gateway_to(fleet, busy, fleet.origin(named(b"alive")), retries={"on": [503]}, health={"passive": "off"})
    with gateway.client() as client:
        assert [client.get().body for _ in range(6)] == [b"alive"] * 6
        busy.behave(named(b"broken", b"500 Internal Server Error"))
        assert {client.get().status for _ in range(6)} == {200, 500}


def test_the_last_answer_is_passed_on_as_it_is(fleet):
    busy = named(b"busy", b"503 Service Unavailable", [b"X-Mine: yes"])
    gateway = gateway_to(fleet, fleet.origin(busy), fleet.origin(busy), retries={"on": [503]}, health={"passive": "off"})
    with gateway.client() as client:
        response = client.get()
    assert response.status == 503 and response.body == b"busy" and response.fields.one(b"X-Mine") == b"yes"


def test_a_retry_after_is_waited_for_and_a_long_one_passed_on(fleet):
    moments = []

    def busy_once(exchange):
        moments.append(time.monotonic())
        if len(moments) == 1:
            exchange.answer(b"503 Service Unavailable", fields=[b"Retry-After: 1"])
        else:
            exchange.answer()

    origin = fleet.origin(busy_once)
    gateway = gateway_to(fleet, origin, retries={"on": [503], "retry-after-max": "2s"})
    with gateway.client() as client:
        assert client.get().status == 200
        assert moments[1] - moments[0] >= 1
        origin.behave(named(b"busy", b"503 Service Unavailable", [b"Retry-After: 120"]))
        response = client.get()
        assert response.status == 503 and response.fields.one(b"Retry-After") == b"120"


# Time


def test_a_slow_attempt_is_given_up_for_another(fleet):
    gate = threading.Event()
    slow = fleet.origin(lambda exchange: exchange.wait(gate))
    retries = {"on": ["timeout"], "per-try-timeout": "100ms"}
    gateway = gateway_to(fleet, slow, fleet.origin(named(b"alive")), retries=retries, health={"passive": "off"})
    with gateway.client() as client:
        assert [client.get().body for _ in range(4)] == [b"alive"] * 4
    gate.set()


def test_one_deadline_holds_for_all_attempts(fleet):
    gate = threading.Event()
    origins = [fleet.origin(lambda exchange: exchange.wait(gate)) for _ in range(3)]
    options = {"retries": {"attempts": 3, "on": ["timeout"], "per-try-timeout": "200ms"}, "timeouts": {"request": "350ms"}}
    gateway = gateway_to(fleet, *origins, **options)
    with gateway.client() as client:
        began = time.monotonic()
        response = client.get()
        took = time.monotonic() - began
    assert response.status == 504 and response.problem_word() == "request-deadline" and took < 2
    gate.set()


def test_the_budget_bounds_what_an_outage_adds(fleet):
    broken = fleet.origin(lambda exchange: exchange.close())
    budget = {"share": "10%", "minimum": 1}
    gateway = gateway_to(
        fleet, broken, retries={"attempts": 10, "back-off": "1ms", "back-off-max": "1ms"}, retry_budget=budget,
        health={"passive": "off"},
    )  # fmt: skip
    with gateway.client() as client:
        for _ in range(200):
            assert client.get().status == 502
    # Ten in ten seconds by the minimum, or a tenth of 200: and not 1,800.
    assert gateway.metric("martlet_upstream_retries_total") <= 21


# The queue


def flood(gateway, count):
    clients = [gateway.client() for _ in range(count)]
    for client in clients:
        client.send(head())
    return clients


def test_exchanges_wait_for_a_connection_in_turn(fleet):
    gate = threading.Event()
    order = []

    def one_at_a_time(exchange):
        exchange.wait(gate)
        order.append(exchange.target)
        exchange.answer()

    origin = fleet.origin(one_at_a_time)
    gateway = gateway_to(fleet, origin, pool={"connections-max": 1, "idle-max": 1}, queue={"timeout": "20s"})
    clients = []
    for number in range(5):
        client = gateway.client()
        client.send(head(b"GET /%d HTTP/1.1" % number))
        clients.append(client)
        if number == 0:
            origin.seen(1)
        else:
            gateway.wait_metric("martlet_upstream_queued_exchanges", number)
    gate.set()
    assert [client.read_response().status for client in clients] == [200] * 5
    assert order == [b"/%d" % number for number in range(5)]
    assert origin.accepted == 1
    assert gateway.metric("martlet_upstream_queued_exchanges") == 0


def test_who_waits_too_long_is_told(fleet):
    gate = threading.Event()
    origin = fleet.origin(lambda exchange: (exchange.wait(gate), exchange.answer()))
    gateway = gateway_to(fleet, origin, pool={"connections-max": 1, "idle-max": 1}, queue={"timeout": "200ms"})
    first, second = flood(gateway, 1) + [None]
    origin.seen(1)
    with gateway.client() as second:
        response = second.get()
        assert response.status == 503 and response.problem_word() == "queue-timeout"
    gate.set()
    assert first.read_response().status == 200
    assert len(origin.exchanges) == 1


def test_a_full_queue_turns_away_at_once(fleet):
    gate = threading.Event()
    origin = fleet.origin(lambda exchange: (exchange.wait(gate), exchange.answer()))
    options = {"pool": {"connections-max": 1, "idle-max": 1}, "queue": {"pending-max": 1, "timeout": "20s"}}
    gateway = gateway_to(fleet, origin, **options)
    first = flood(gateway, 1)
    origin.seen(1)
    second = flood(gateway, 1)
    gateway.wait_metric("martlet_upstream_queued_exchanges", 1)
    with gateway.client() as third:
        response = third.get()
        assert response.status == 503 and response.problem_word() == "pool-exhausted"
    gate.set()
    assert [client.read_response().status for client in first + second] == [200, 200]


def test_a_client_that_leaves_the_queue_costs_the_origin_nothing(fleet):
    gate = threading.Event()
    origin = fleet.origin(lambda exchange: (exchange.wait(gate), exchange.answer()))
    gateway = gateway_to(fleet, origin, pool={"connections-max": 1, "idle-max": 1}, queue={"timeout": "20s"})
    (first,) = flood(gateway, 1)
    origin.seen(1)
    (leaves,) = flood(gateway, 1)
    gateway.wait_metric("martlet_upstream_queued_exchanges", 1)
    leaves.reset()
    gateway.wait_metric("martlet_upstream_queued_exchanges", 0)
    gate.set()
    assert first.read_response().status == 200
    assert len(origin.exchanges) == 1


# The breaker


def test_an_upstream_that_fails_gets_a_rest_and_is_probed(fleet):
    origin = fleet.origin(named(b"broken", b"503 Service Unavailable"))
    breaker = {"failure-rate": "50%", "minimum-requests": 4, "window": "10s", "open": "500ms", "probes": 2}
    gateway = gateway_to(fleet, origin, breaker=breaker, retries="off", health={"passive": "off"})
    with gateway.client() as client:
        assert [client.get().status for _ in range(4)] == [503] * 4
        response = client.get()
        assert response.problem_word() == "circuit-open" and response.fields.one(b"Retry-After") == b"1"
        seen = len(origin.exchanges)
        assert seen == 4
        origin.behaviour = named(b"well")
        wait_until(lambda: client.get().status == 200, "a probe goes through")
        assert [client.get().status for _ in range(5)] == [200] * 5
    assert gateway.metric("martlet_upstream_breaker_refusals_total") >= 1


# Hedges


def learn(client):
    """Enough answers to tell what is slow, over more than the tenth of a second for which the gateway keeps an opinion."""
    began = time.monotonic()
    count = 0
    while count < 120 or time.monotonic() - began < 0.3:
        assert client.get().status == 200
        count += 1


def test_a_slow_attempt_gets_a_rival_and_the_first_answer_wins(fleet):
    gate = threading.Event()
    slow_now = threading.Event()

    def sometimes_slow(exchange):
        if slow_now.is_set():
            exchange.wait(gate)
        exchange.answer(body=b"first")

    first, second = fleet.origin(sometimes_slow), fleet.origin(named(b"second"))
    hedge = {"percentile": 90, "delay-min": "20ms", "delay-max": "100ms"}
    gateway = gateway_to(fleet, first, second, hedge=hedge, retry_budget={"share": "50%", "minimum": 10})
    with gateway.client() as client:
        learn(client)
        slow_now.set()
        assert [client.get().body for _ in range(4)] == [b"second"] * 4
        assert gateway.metric("martlet_upstream_hedges_total") >= 2
        # A POST is never raced.
        hedges = gateway.metric("martlet_upstream_hedges_total")
        gate.set()
        for _ in range(4):
            assert client.request(post(b"Content-Length: 2", body=b"hi")).status == 200
        assert gateway.metric("martlet_upstream_hedges_total") == hedges
    gateway.wait_metric("martlet_upstream_connections", 0, state="active")


def test_a_rival_that_fails_changes_nothing(fleet):
    gate = threading.Event()
    slow_now = threading.Event()
    first = fleet.origin(lambda exchange: (slow_now.is_set() and exchange.wait(gate), exchange.answer(body=b"first")))
    second = fleet.origin(lambda exchange: exchange.close() if slow_now.is_set() else exchange.answer(body=b"second"))
    hedge = {"percentile": 90, "delay-min": "20ms", "delay-max": "50ms"}
    gateway = gateway_to(
        fleet, first, second, hedge=hedge, retry_budget={"share": "50%", "minimum": 10}, health={"passive": "off"}
    )
    with gateway.client() as client:
        learn(client)
        slow_now.set()
        # One of the two requests is given to the first origin first; let it answer once its rival is gone.
        threading.Timer(0.3, gate.set).start()
        assert [client.get().body for _ in range(2)] == [b"first"] * 2
