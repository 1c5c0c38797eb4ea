"""The admin pages: metrics in the strict text format, with figures that equal what was sent; health; routes."""

import http.client
import json

import pytest

from cases.case import head, post
from support.configuration import configuration, forward, respond, upstream
from support.raw_client import RawClient
from support.waiting import PATIENCE, wait_until

NAMES = {
    "martlet_requests_total", "martlet_request_duration_seconds_bucket", "martlet_upstream_duration_seconds_bucket",
    "martlet_upstream_requests_total", "martlet_downstream_connections", "martlet_downstream_accepts_total",
    "martlet_upstream_connections", "martlet_upstream_connects_total", "martlet_connections_shed_total", "martlet_access_log_dropped_total",
    "martlet_configuration_last_reload_successful", "martlet_configuration_routes", "martlet_received_bytes_total",
    "martlet_sent_bytes_total", "martlet_build_info", "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
}  # fmt: skip


@pytest.fixture
def gateway(fleet, module_origin):
    routes = [forward("all"), respond("hello", 200, "hello\n", path="/hello"), forward("only-get", path="/only-get", methods=["GET"])]
    routes.append(forward("hosted", host="h.test", path="/h"))
    return fleet.gateway(configuration({"origin": upstream(module_origin)}, routes), threads=2)


def send(gateway, octets, times=1):
    statuses = []
    with gateway.client() as client:
        for _ in range(times):
            statuses.append(client.request(octets).status)
    return statuses


def test_counters_equal_what_was_sent(gateway, origin):
    assert send(gateway, head(), 7) == [200] * 7
    assert send(gateway, post(b"Content-Length: 5", body=b"hello"), 3) == [200] * 3
    assert send(gateway, head(b"GET /hello HTTP/1.1"), 2) == [200] * 2
    origin.behave(lambda exchange: exchange.answer(b"500 Oh"))
    assert send(gateway, head(), 4) == [500] * 4
    assert send(gateway, b"GET / HTTP/1.1\r\n\r\n") == [400]
    wait_until(lambda: gateway.metric("martlet_requests_total") == 17, "all requests are counted")
    metrics = gateway.metrics()
    assert metrics.of("martlet_requests_total", route="all", code="2xx") == 10
    assert metrics.of("martlet_requests_total", route="all", code="5xx") == 4
    assert metrics.of("martlet_requests_total", route="hello", code="2xx") == 2
    assert metrics.of("martlet_requests_total", route="-", code="4xx") == 1
    assert metrics.of("martlet_request_duration_seconds_count", route="all") == 14
    assert metrics.of("martlet_request_duration_seconds_count", route="hello") == 2
    assert metrics.of("martlet_upstream_requests_total", upstream="origin", code="2xx") == 10
    assert metrics.of("martlet_upstream_requests_total", upstream="origin", code="5xx") == 4
    assert metrics.of("martlet_upstream_duration_seconds_count", upstream="origin") == 14
    assert metrics.of("martlet_downstream_accepts_total", listener="public") == 5
    assert metrics.of("martlet_configuration_routes") == 4 and metrics.of("martlet_build_info") == 1
    assert metrics.of("martlet_received_bytes_total", side="downstream") > 17 * 20
    assert metrics.of("martlet_sent_bytes_total", side="downstream") > 17 * 20
    assert metrics.of("martlet_errors_total", side="downstream") == 1


def test_every_promised_name_is_there(gateway, origin):
    send(gateway, head())
    wait_until(lambda: gateway.metric("martlet_upstream_requests_total") == 1, "the request is counted")
    assert NAMES <= gateway.metrics().names(), NAMES - gateway.metrics().names()


def test_gauges_follow_the_connections(gateway, origin):
    clients = [gateway.client() for _ in range(5)]
    assert [client.get().status for client in clients] == [200] * 5
    gateway.wait_metric("martlet_downstream_connections", 5, listener="public")
    for client in clients:
        client.close()
    gateway.wait_metric("martlet_downstream_connections", 0, listener="public")
    assert gateway.metric("martlet_upstream_connections", state="active") == 0
    assert gateway.metric("martlet_upstream_connections", state="idle") >= 1
    assert gateway.metric("martlet_upstream_connects_total", upstream="origin", outcome="ok") == gateway.metric(
        "martlet_upstream_connections", upstream="origin"
    )


def test_errors_name_stage_and_side(gateway, origin):
    origin.behave(lambda exchange: exchange.close())
    assert send(gateway, head()) == [502]
    wait_until(lambda: gateway.metric("martlet_errors_total", side="upstream", error="upstream-closed") == 1, "the error is counted")


def test_strangers_do_not_make_series(gateway, origin):
    send(gateway, head())
    before = len(gateway.metrics().samples)
    for number in range(50):
        send(gateway, head(b"M%d /%d?x=%d HTTP/1.1" % (number, number, number), b"X-%d: y" % number, host=b"host-%d" % number))
    assert len(gateway.metrics().samples) - before < 20


def test_health_pages(gateway):
    assert gateway.get_admin("/livez")[0] == 200
    status, text = gateway.get_admin("/readyz")
    assert status == 200 and text.strip() == "ready"


def test_the_routes_page_lists_the_routes(gateway):
    status, text = gateway.get_admin("/routes")
    assert status == 200 and all(each in json.dumps(json.loads(text)) for each in ("all", "hello", "only-get", "h.test"))


def test_unknown_pages_are_not_found(gateway):
    assert gateway.get_admin("/nonsense")[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_admin_listener_only_reads(gateway, method):
    connection = http.client.HTTPConnection(*gateway.admin, timeout=PATIENCE)
    connection.request(method, "/metrics", body=b"x")
    assert connection.getresponse().status == 405
    connection.close()


@pytest.mark.parametrize("octets", [
    b"garbage\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET /livez\n\n", bytes(range(256)) * 1024, b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
    b"GET /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
], ids=["garbage", "no-host", "bare-lf", "binary", "long", "both-framings"])  # fmt: skip
def test_garbage_does_not_hurt_the_admin_listener(gateway, octets):
    with RawClient(gateway.admin) as client:
        client.send(octets)
        client.half_close()
        client.stream.read_to_end()
    assert gateway.get_admin("/livez")[0] == 200


def test_a_silent_admin_client_blocks_nobody(gateway):
    silent = [RawClient(gateway.admin) for _ in range(10)]
    assert gateway.get_admin("/livez")[0] == 200
    for client in silent:
        client.close()


def test_the_admin_listener_is_not_the_public_one(gateway, origin):
    with gateway.client() as client:
        assert client.get(b"/metrics").body == b"ok"


def test_many_routes_make_a_page_of_bounded_length(fleet):
    routes = [respond(f"route-{number}", 200, "ok\n", path=f"/r{number}/**") for number in range(2_100)]
    gateway = fleet.gateway(configuration({}, routes))
    with gateway.client() as client:
        for number in range(2_100):
            assert client.get(b"/r%d/x" % number).status == 200
    gateway.wait_metric("martlet_requests_total", 2_100, code="2xx")
    metrics = gateway.metrics()
    assert metrics.of("martlet_requests_total", route="__other__", code="2xx") == 100
    assert metrics.of("martlet_metrics_series_folded_total", label="route") == 100
    assert metrics.of("martlet_requests_total", route="route-1999", code="2xx") == 1
    # Whoever was first keeps the series of its own; a reload without some of them makes room.
    gateway.write_config(configuration({}, routes[2_000:]))
    assert gateway.command("reload").returncode == 0
    with gateway.client() as client:
        assert client.get(b"/r2099/x").status == 200
    gateway.wait_metric("martlet_requests_total", 1, route="route-2099")
