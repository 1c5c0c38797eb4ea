"""Pooled connections that died: what is sent again, what is not (peers.md §5, class 20)."""

import threading

import pytest

from cases.case import head, post
from support.configuration import configuration, forward, upstream
from support.waiting import wait_until


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin):
    # What is sent again here is so because of the pool, not because of a policy.
    return module_fleet.gateway(configuration({"origin": upstream(module_origin, retries="off")}, [forward("all")]))


def pooled_connection(gateway, origin):
    """Makes one exchange and returns the connection that the gateway keeps."""
    with gateway.client() as client:
        assert client.get(b"/first").status == 200
    connection = origin.seen()[0].connection
    gateway.wait_metric("martlet_upstream_connections", 1, state="idle")
    return connection


def drop_pool(gateway, origin):
    origin.drop_connections()
    gateway.wait_metric("martlet_upstream_connections", 0)
    origin.forget()


def test_an_idle_connection_that_the_origin_closes_is_forgotten(gateway, origin):
    drop_pool(gateway, origin)
    pooled_connection(gateway, origin)
    origin.drop_connections()
    gateway.wait_metric("martlet_upstream_connections", 0)
    with gateway.client() as client:
        assert client.request(post(b"Content-Length: 5", body=b"hello")).status == 200


def test_bytes_on_an_idle_connection_end_it(gateway, origin):
    drop_pool(gateway, origin)
    connection = pooled_connection(gateway, origin)
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL")
    wait_until(connection.ended.is_set, "the gateway closed the connection that spoke unasked")
    with gateway.client() as client:
        assert client.get().body == b"ok"


def test_a_408_on_an_idle_connection_is_nobody_s_answer(gateway, origin):
    drop_pool(gateway, origin)
    connection = pooled_connection(gateway, origin)
    connection.send(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    connection.half_close()
    with gateway.client() as client:
        assert client.get().status == 200


class DiesOnSecondRequest:
    """Answers the first request of each connection and ends the connection at the second, after reading its head."""

    def __init__(self, ending, before_ending=b""):
        self.ending = ending
        self.before_ending = before_ending
        self.deaths = 0

    def __call__(self, exchange):
        if len(exchange.connection.exchanges) == 1:
            exchange.read_body()
            exchange.answer(body=exchange.target)
            return
        self.deaths += 1
        if self.before_ending:
            exchange.send(self.before_ending)
        getattr(exchange, self.ending)()


@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"OPTIONS", b"DELETE", b"PUT"])
def test_an_idempotent_request_is_sent_again_once(gateway, origin, method, ending):
    drop_pool(gateway, origin)
    origin.behave(DiesOnSecondRequest(ending))
    retries = gateway.metric("martlet_upstream_retries_total")
    with gateway.client() as client:
        assert client.get(b"/first").status == 200
        response = client.request(head(method + b" /second HTTP/1.1"), method)
        assert response.status == 200, response
        assert gateway.metric("martlet_upstream_retries_total") == retries + 1
    assert origin.targets() == [b"/first", b"/second", b"/second"]
    record = gateway.wait_access_record(lambda each: each["attempts"] == 2 and each["method"] == method.decode())
    assert record["status"] == 200


def test_an_idempotent_request_with_a_small_body_is_sent_again_or_refused_whole(gateway, origin):
    drop_pool(gateway, origin)
    origin.behave(DiesOnSecondRequest("close"))
    with gateway.client() as client:
        assert client.get(b"/first").status == 200
        response = client.request(post(b"Content-Length: 5", body=b"hello", line=b"PUT /second HTTP/1.1"))
        assert response.status in (200, 502)
    whole = [each for each in origin.exchanges if each.body == b"hello"]
    assert len(whole) == (1 if response.status == 200 else 0)


@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize("method", [b"POST", b"PATCH"])
def test_a_request_that_is_not_idempotent_is_not_sent_again(gateway, origin, method, ending):
    drop_pool(gateway, origin)
    origin.behave(DiesOnSecondRequest(ending))
    with gateway.client() as client:
        assert client.get(b"/first").status == 200
        response = client.request(post(b"Content-Length: 5", body=b"hello", line=method + b" /second HTTP/1.1"))
        assert response.status == 502 and response.problem_word() == "upstream-closed"
    assert origin.targets() == [b"/first", b"/second"]


def test_a_request_is_not_sent_again_once_an_answer_began(gateway, origin):
    drop_pool(gateway, origin)
    origin.behave(DiesOnSecondRequest("close", b"HTTP/1.1 200 OK\r\nConte"))
    with gateway.client() as client:
        assert client.get(b"/first").status == 200
        assert client.get(b"/second").status == 502
    assert origin.targets() == [b"/first", b"/second"]


def test_a_request_on_a_fresh_connection_is_not_sent_again(gateway, origin):
    drop_pool(gateway, origin)
    origin.behave(lambda exchange: exchange.close())
    with gateway.client() as client:
        response = client.get()
        assert response.status == 502 and response.problem_word() == "upstream-closed"
    assert len(origin.exchanges) == 1


def test_a_second_death_is_told_to_the_client(gateway, origin):
    drop_pool(gateway, origin)
    with gateway.client() as client:
        assert client.get(b"/first").status == 200
        origin.behave(lambda exchange: exchange.close())
        assert client.get(b"/second").status == 502
    assert len(origin.exchanges) == 2


def test_a_restarted_origin_costs_no_get(gateway, origin):
    """Many pooled connections die at once under many clients; every GET still succeeds."""
    drop_pool(gateway, origin)
    everyone_here = threading.Barrier(9)
    statuses = []

    def visit():
        with gateway.client() as client:
            statuses.append(client.get().status)
            everyone_here.wait(20)
            everyone_here.wait(20)
            statuses.extend(client.get().status for _ in range(10))

    visitors = [threading.Thread(target=visit, daemon=True) for _ in range(8)]
    for visitor in visitors:
        visitor.start()
    everyone_here.wait(20)
    origin.drop_connections()
    everyone_here.wait(20)
    for visitor in visitors:
        visitor.join(30)
    assert statuses == [200] * 88
