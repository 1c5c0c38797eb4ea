"""Faults on purpose: a share of the requests is held back, or refused."""

import time

import pytest

from support.configuration import configuration, forward, upstream


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin):
    routes = [
        forward("abort", path="/abort/**", filters=[{"fault": {"abort": {"status": 418}}}]),
        forward("some", path="/some/**", filters=[{"fault": {"abort": {"status": 503, "percent": "30%"}}}]),
        forward("slow", path="/slow/**", filters=[{"fault": {"delay": {"time": "200ms"}}}]),
        forward("both", path="/both/**", filters=[
            {"fault": {"delay": {"time": "100ms"}, "abort": {"status": 500}}}, {"rate-limit": {"rate": "1/h"}}]),
        forward("limited", path="/limited/**", filters=[{"rate-limit": {"rate": "2/h"}}, {"fault": {"delay": {"time": "50ms"}}}]),
        forward("free", path="/free/**"),
    ]  # fmt: skip
    return module_fleet.gateway(configuration({"origin": upstream(module_origin)}, routes))


def test_a_refusal(gateway, origin):
    with gateway.client() as client:
        response = client.get(b"/abort/1")
        assert response.status == 418 and response.problem_word() == "fault-injected" and response.problem()["status"] == 418
        client.expect_alive(b"/free/alive")
    assert origin.targets() == [b"/free/alive"]


def test_a_share(gateway):
    with gateway.client() as client:
        statuses = [client.get(b"/some/1").status for _ in range(400)]
    assert set(statuses) == {200, 503}
    # Six standard deviations around 120.
    assert 65 <= statuses.count(503) <= 175


def test_a_delay_holds_nobody_else_up(gateway, origin):
    with gateway.client() as slow, gateway.client() as other:
        began = time.monotonic()
        slow.send(b"POST /slow/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbodyGET /slow/2 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert other.get(b"/free/1").status == 200
        assert time.monotonic() - began < 0.15
        assert slow.read_response(b"POST").status == 200
        assert time.monotonic() - began >= 0.2
        assert slow.read_response().status == 200
        assert time.monotonic() - began >= 0.4
    assert [each for each in origin.targets() if each.startswith(b"/slow")] == [b"/slow/1", b"/slow/2"]


def test_a_delay_comes_before_a_refusal(gateway):
    with gateway.client() as client:
        for _ in range(2):
            began = time.monotonic()
            assert client.get(b"/both/1").status == 500
            assert time.monotonic() - began >= 0.1


def test_a_delayed_request_is_charged_once(gateway):
    with gateway.client() as client:
        assert [client.get(b"/limited/1").status for _ in range(3)] == [200, 200, 429]


def test_a_client_that_leaves_meanwhile(gateway):
    with gateway.client() as client:
        client.send(b"GET /slow/3 HTTP/1.1\r\nHost: a\r\n\r\n")
        client.reset()
    with gateway.client() as client:
        assert client.get(b"/free/1").status == 200
