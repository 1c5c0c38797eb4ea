"""Traces: what is continued, what origins are told, which spans are reported, and that a collector is never waited for."""

import re
import signal
import socket
import threading
import time

import pytest

from support.collector import Collector
from support.configuration import configuration, forward, respond, upstream
from support.raw_client import RawClient
from support.waiting import wait_until

TRACE_128 = "463ac35c9f6413ad48485a3953bb6124"
TRACE_64 = "48485a3953bb6124"
PARENT = "00f067aa0ba902b7"
LOUD = {"sample": "100%", "caller": "follow"}
NOTHING = {"failed": False, "retried": False, "limited": False, "slower-than": "off"}


@pytest.fixture(scope="module")
def collector():
    collector = Collector()
    yield collector
    collector.stop()


@pytest.fixture
def nobody():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield "127.0.0.1:%d" % held.getsockname()[1]


def traced(collector, upstreams, routes, **tracing):
    settings = configuration(upstreams, routes)
    settings["tracing"] = {"zipkin": collector if isinstance(collector, str) else collector.url, **tracing}
    return settings


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin, collector):
    upstreams = {
        "origin": upstream(module_origin),
        "single": upstream(module_origin, trace_headers=["b3-single"]),
        "w3c": upstream(module_origin, trace_headers="w3c"),
        "all": upstream(module_origin, trace_headers=["b3-multi", "b3-single", "w3c"]),
        "silent": upstream(module_origin, trace_headers="off"),
    }
    routes = [
        forward("orders", path="/orders/{id}"),
        forward("single", to="single", path="/single"),
        forward("w3c", to="w3c", path="/w3c"),
        forward("all", to="all", path="/all"),
        forward("silent", to="silent", path="/silent"),
        {**forward("unseen", path="/unseen"), "tracing": "off"},
        {**forward("strict", path="/strict"), "tracing": {"caller": "ignore"}},
        {**forward("stranger", path="/stranger"), "tracing": {"caller": "follow-ids", "sample": "off", "keep": "off"}},
        {**forward("never", path="/never"), "tracing": {"sample": "off", "keep": "off"}},
        respond("answer", 204, path="/answer"),
    ]
    return module_fleet.gateway(traced(collector, upstreams, routes, service="Edge", **LOUD))


def single(trace=TRACE_128, span=PARENT, state="1"):
    return f"b3: {trace}-{span}-{state}".encode()


def multi(trace=TRACE_128, span=PARENT, sampled="1"):
    return [f"X-B3-TraceId: {trace}".encode(), f"X-B3-SpanId: {span}".encode(), f"X-B3-Sampled: {sampled}".encode()]


def w3c(trace=TRACE_128, span=PARENT, flags="01"):
    return f"traceparent: 00-{trace}-{span}-{flags}".encode()


def fresh(digits=32):
    """A trace of a test's own."""
    fresh.count += 1
    return f"{0xABC00000 + fresh.count:0{digits}x}".replace("0" * 16, "1" * 16)


fresh.count = 0


def ask(gateway, target, *fields):
    with gateway.client() as client:
        return client.get(target, fields=fields)


def told(origin, index=-1):
    """The one thing the origin is told, in each format that reached it."""
    fields = origin.seen()[index].fields
    text = lambda name: fields.one(name).decode() if name in fields else None  # noqa: E731
    return {
        "trace": text(b"X-B3-TraceId"), "span": text(b"X-B3-SpanId"), "parent": text(b"X-B3-ParentSpanId"),
        "sampled": text(b"X-B3-Sampled"), "flags": text(b"X-B3-Flags"), "b3": text(b"b3"),
        "traceparent": text(b"traceparent"), "tracestate": text(b"tracestate"),
    }  # fmt: skip


def trace_of(gateway, origin):
    """The trace of the last request, as the origin and the log tell it."""
    seen = told(origin)
    record = gateway.wait_access_record(lambda each: each.get("traceId") == seen["trace"], "a record with the trace's id")
    assert record["traceId"] == seen["trace"]
    return seen


# Beginning and joining


def test_a_new_trace(gateway, origin, collector):
    assert ask(gateway, b"/orders/17?secret=1").status == 200
    seen = trace_of(gateway, origin)
    server, (client,) = collector.trace(seen["trace"], 2)
    assert re.fullmatch("[0-9a-f]{32}", seen["trace"])
    assert "parentId" not in server and seen["parent"] == server["id"] and seen["span"] == client["id"]
    assert seen["sampled"] == "1" and seen["flags"] is None and seen["b3"] is None
    assert seen["traceparent"] == f"00-{seen['trace']}-{client['id']}-03"
    assert server["name"] == "get /orders/{id}"
    assert server["localEndpoint"] == {"serviceName": "edge", "ipv4": "127.0.0.1", "port": gateway.address[1]}
    assert server["remoteEndpoint"]["ipv4"] == "127.0.0.1"
    assert client["remoteEndpoint"] == {"serviceName": "origin", "ipv4": "127.0.0.1", "port": origin.port}
    assert server["tags"]["http.status_code"] == "200" and server["tags"]["http.path"] == "/orders/{id}"
    assert server["tags"]["martlet.route"] == "orders" and server["tags"]["sampling.kept"] == "rate"
    assert "error" not in server["tags"] and "secret" not in str(server) + str(client)
    notes = [note["value"] for note in client["annotations"]]
    assert notes[-1] == "response head"
    record = gateway.wait_access_record(lambda each: each.get("traceId") == seen["trace"])
    assert server["tags"]["request.id"] == record["requestId"]


@pytest.mark.parametrize("digits", [16, 32])
@pytest.mark.parametrize("form", ["single", "multi", "w3c"])
def test_a_trace_is_joined(gateway, origin, collector, form, digits):
    if form == "w3c" and digits == 16:
        pytest.skip("W3C knows 128 bits alone")
    trace = fresh(digits)
    fields = {"single": [single(trace)], "multi": multi(trace), "w3c": [w3c(trace)]}[form]
    assert ask(gateway, b"/orders/1", *fields).status == 200
    server, (client,) = collector.trace(trace, 2)
    seen = told(origin)
    assert server["parentId"] == PARENT and server["id"] != PARENT and "shared" not in server
    assert (seen["trace"], seen["span"], seen["parent"], seen["sampled"]) == (trace, client["id"], server["id"], "1")
    # B3 says nothing of randomness, and nor do we then.
    assert seen["traceparent"] == f"00-{trace:0>32}-{client['id']}-01"
    assert seen["b3"] is None
    assert server["tags"]["sampling.kept"] == "caller"


def test_what_counts_when_several_arrive(gateway, origin, collector):
    first, second, third = fresh(), fresh(), fresh()
    ask(gateway, b"/orders/1", w3c(third), *multi(second), single(first), b"tracestate: a=b")
    seen = told(origin)
    assert seen["trace"] == first and first in seen["traceparent"]
    # What vendors noted on another trace is none of this one's business.
    assert seen["tracestate"] is None
    collector.trace(first, 2)
    assert not collector.of(second) and not collector.of(third)


def test_the_state_goes_along(gateway, origin, collector):
    trace = fresh()
    ask(gateway, b"/orders/1", w3c(trace, flags="03"), b"tracestate: congo=t61rcWkgMzE", b"tracestate: rojo=1")
    seen = told(origin)
    assert seen["tracestate"] == "congo=t61rcWkgMzE,rojo=1" and seen["traceparent"].endswith("-03")
    trace = fresh()
    ask(gateway, b"/orders/1", w3c(trace), b"tracestate: =,,=")
    assert told(origin)["tracestate"] is None and told(origin)["trace"] == trace


def test_debug_goes_along(gateway, origin, collector):
    trace = fresh()
    ask(gateway, b"/orders/1", single(trace, state="d"))
    server, (client,) = collector.trace(trace, 2)
    assert server["debug"] and client["debug"] and server["tags"]["sampling.kept"] == "debug"
    seen = told(origin)
    assert seen["flags"] == "1" and seen["sampled"] is None


# What origins are told


def test_formats(gateway, origin, collector):
    asked = []
    for target, present in ((b"/single", {"b3"}), (b"/w3c", {"traceparent"}), (b"/all", {"b3", "traceparent", "trace"})):
        trace = fresh()
        ask(gateway, target, *multi(trace), w3c(trace), single(trace))
        asked.append((trace, told(origin), present))
    for trace, seen, present in asked:
        server, (client,) = collector.trace(trace, 2)
        assert {key for key in ("b3", "traceparent", "trace") if seen[key]} == present, seen
        if seen["b3"]:
            assert seen["b3"] == f"{trace}-{client['id']}-1-{server['id']}"
        if seen["traceparent"]:
            assert seen["traceparent"].split("-")[1:3] == [trace, client["id"]]


@pytest.mark.parametrize("target", [b"/silent", b"/unseen"])
def test_who_takes_no_part_gets_what_came(gateway, origin, collector, target):
    trace = fresh()
    ask(gateway, target, *multi(trace), w3c(trace), single(trace), b"tracestate: a=b")
    seen = told(origin)
    assert seen["b3"] == f"{trace}-{PARENT}-1" and seen["span"] == PARENT and seen["tracestate"] == "a=b"
    if target == b"/silent":
        collector.trace(trace, 2)
    else:
        last = gateway.wait_access_record(lambda each: each["target"] == "/unseen")
        assert "traceId" not in last
        assert not collector.of(trace)


def test_without_tracing_headers_pass(fleet, origin):
    gateway = fleet.gateway(configuration({"origin": upstream(origin)}, [forward("all")]))
    ask(gateway, b"/", *multi(), w3c(), single(), b"tracestate: a=b")
    seen = told(origin)
    assert (seen["trace"], seen["span"], seen["sampled"]) == (TRACE_128, PARENT, "1")
    assert seen["traceparent"] == w3c().decode()[13:] and seen["b3"] == single().decode()[4:]
    assert "traceId" not in gateway.wait_access_record(lambda each: True)
    assert "martlet_spans_recorded_total" not in gateway.metrics().names()


# Malformed

MALFORMED = {
    "b3": [b"b3: ", b"b3: -", b"b3: 1-2-3", b"b3: " + b"0" * 32 + b"-" + b"1" * 16, b"b3: " + b"A" * 32 + b"-" + b"1" * 16,
           b"b3: " + b"\x80" * 40, b"b3: " + b"1" * 5_000],
    "b3-trace-id": [b"X-B3-TraceId: 1\r\nX-B3-SpanId: " + b"1" * 16],
    "b3-incomplete": [b"X-B3-TraceId: " + b"1" * 32],
    "b3-sampled": [b"X-B3-Sampled: maybe"],
    "traceparent": [w3c("0" * 32), w3c(span="0" * 16), w3c()[:-1], w3c() + b"-00", w3c(TRACE_128.upper())],
    "traceparent-version": [b"traceparent: ff-" + TRACE_128.encode() + b"-" + PARENT.encode() + b"-01", b"traceparent: x"],
    "traceparent-repeated": [w3c() + b"\r\n" + w3c()],
}  # fmt: skip


@pytest.mark.parametrize("reason", MALFORMED)
def test_malformed_headers_begin_a_trace(gateway, origin, collector, reason):
    before = gateway.metric("martlet_trace_headers_ignored_total", reason=reason)
    traces = []
    for lines in MALFORMED[reason]:
        assert ask(gateway, b"/orders/1", *lines.split(b"\r\n")).status == 200
        seen = told(origin)
        assert re.fullmatch("[0-9a-f]{32}", seen["trace"]) and seen["trace"] not in (TRACE_128, "1" * 32)
        assert seen["b3"] is None and seen["sampled"] == "1"
        traces.append(seen["trace"])
    for trace in traces:
        assert "parentId" not in collector.trace(trace, 2)[0]
    assert gateway.metric("martlet_trace_headers_ignored_total", reason=reason) == before + len(MALFORMED[reason])


def test_a_decision_alone_is_taken(gateway, origin, collector):
    ask(gateway, b"/orders/1", b"b3: 0")
    seen = trace_of(gateway, origin)
    assert seen["sampled"] == "0" and seen["traceparent"].endswith("-02")
    ask(gateway, b"/orders/1", b"b3: 0", w3c(trace := fresh()))
    assert told(origin)["trace"] == trace and told(origin)["sampled"] == "0"
    assert not collector.of(seen["trace"]) and not collector.of(trace)


# Sampling


def test_a_denial_is_followed(gateway, origin, collector):
    for fields in ([single(trace := fresh(), state="0")], multi(trace, sampled="0"), [w3c(trace, flags="00")]):
        ask(gateway, b"/orders/1", *fields)
        seen = told(origin)
        assert (seen["trace"], seen["sampled"]) == (trace, "0") and seen["span"] != PARENT
    marker = fresh()
    ask(gateway, b"/orders/1", single(marker))
    collector.trace(marker, 2)
    assert not collector.of(trace)


def test_strangers_cannot_have_themselves_recorded(gateway, origin, collector):
    trace = fresh()
    ask(gateway, b"/stranger", single(trace))
    assert told(origin)["trace"] == trace and told(origin)["sampled"] == "0"
    ask(gateway, b"/strict", single(trace))
    seen = told(origin)
    assert seen["trace"] != trace and seen["sampled"] == "1"
    collector.trace(seen["trace"], 2)
    assert not collector.of(trace)


def test_nothing_is_sampled(gateway, origin, collector):
    traces = []
    for _ in range(20):
        ask(gateway, b"/never")
        traces.append(told(origin)["trace"])
        assert told(origin)["sampled"] == "0"
    ask(gateway, b"/orders/1", single(marker := fresh()))
    collector.trace(marker, 2)
    assert not any(collector.of(trace) for trace in traces)
    # A caller of our own is followed all the same.
    ask(gateway, b"/never", single(trace := fresh()))
    collector.trace(trace, 2)


def test_a_share_is_sampled(fleet, origin, collector):
    gateway = fleet.gateway(traced(collector, {"origin": upstream(origin)}, [forward("all")], sample="20%", keep="off"))
    with gateway.client() as client:
        for _ in range(400):
            assert client.get().status == 200
    kept = gateway.metric("martlet_traced_exchanges_total", reason="rate")
    assert 40 <= kept <= 130
    told_so = sum(exchange.fields.one(b"X-B3-Sampled") == b"1" for exchange in origin.exchanges)
    assert told_so == kept


def test_the_tail_keeps_what_is_out_of_the_ordinary(fleet, collector, nobody):
    def behave(exchange):
        exchange.read_body()
        if exchange.target == b"/slow":
            time.sleep(0.4)
        exchange.answer(b"503 Busy" if exchange.target == b"/failing" else b"429 Slow" if exchange.target == b"/busy" else b"200 OK")

    origin = fleet.origin(behave)
    upstreams = {"origin": upstream(origin), "dead": upstream(nobody)}
    routes = [forward("all"), forward("dead", to="dead", path="/dead")]
    gateway = fleet.gateway(traced(collector, upstreams, routes, sample="off", keep={"slower-than": "200ms"}))
    for target, reason, status in (
        (b"/failing", "failed", 503), (b"/slow", "slow", 200), (b"/dead", "failed", 502), (b"/busy", "limited", 429),
    ):  # fmt: skip
        assert ask(gateway, target).status == status
        record = gateway.wait_access_record(lambda each, target=target: each["target"] == target.decode())
        count = 1 + record["attempts"]
        server, clients = collector.trace(record["traceId"], count)
        assert server["tags"]["sampling.kept"] == reason and server["tags"]["http.status_code"] == str(status)
        assert ("error" in server["tags"]) == (status >= 500)
        if target != b"/dead":
            # The origin had been told that nobody records this.
            assert told(origin)["sampled"] == "0" and clients[0]["tags"]["http.status_code"] == str(status)
        else:
            assert clients[0]["tags"]["error"] == "connect-failed"
            assert server["tags"]["error"] == "connect-failed" and server["tags"]["error.side"] == "upstream"
    for _ in range(5):
        ask(gateway, b"/good")
    ask(gateway, b"/failing")
    wait_until(lambda: gateway.metric("martlet_traced_exchanges_total", reason="failed") == 3, "three failures are kept")
    traces = [each["traceId"] for each in gateway.access_records() if each["target"] == "/good"]
    assert not any(collector.of(trace) for trace in traces)


def test_no_route_has_a_span_too(gateway, collector):
    assert ask(gateway, b"/nowhere", single(trace := fresh())).status == 404
    server, clients = collector.trace(trace, 1)
    assert server["name"] == "get" and server["tags"]["error"] == "route-not-found" and not clients
    assert ask(gateway, b"/answer", single(trace := fresh())).status == 204
    server, clients = collector.trace(trace, 1)
    assert server["name"] == "get /answer" and not clients


# Attempts


def test_a_retry_is_a_span_of_its_own(fleet, collector):
    def behave(exchange):
        exchange.read_body()
        first = len(origin.exchanges) == 1
        exchange.answer(b"503 Busy" if first else b"200 OK", body=b"ok")

    origin = fleet.origin(behave)
    retries = {"attempts": 3, "on": [503], "back-off": "5ms"}
    gateway = fleet.gateway(
        traced(collector, {"origin": upstream(origin, retries=retries, trace_headers=["b3-multi", "b3-single", "w3c"])},
               [forward("all")], sample="off"))  # fmt: skip
    with gateway.client() as client:
        assert client.request(b"PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello").status == 200
    seen = [told(origin, index) for index in (0, 1)]
    assert [exchange.body for exchange in origin.exchanges] == [b"hello", b"hello"]
    server, clients = collector.trace(seen[0]["trace"], 3)
    assert [each["span"] for each in seen] == [each["id"] for each in clients] and seen[0]["span"] != seen[1]["span"]
    for each, client in zip(seen, clients):
        assert each["parent"] == server["id"] and each["b3"].split("-")[1] == each["traceparent"].split("-")[2] == client["id"]
    assert [each["tags"]["http.status_code"] for each in clients] == ["503", "200"]
    assert server["tags"]["sampling.kept"] == "retried" and server["tags"]["retry.count"] == "1"
    assert "retry.count" not in clients[0]["tags"] and clients[1]["tags"]["retry.count"] == "1"


def test_a_dead_connection_is_an_attempt_too(fleet, collector):
    origin = fleet.origin()
    gateway = fleet.gateway(traced(collector, {"origin": upstream(origin)}, [forward("all")], **LOUD))
    ask(gateway, b"/")
    drops = []

    def drop_once(exchange):
        if not drops:
            drops.append(exchange)
            return exchange.reset()
        exchange.read_body()
        exchange.answer()

    origin.behave(drop_once)
    assert ask(gateway, b"/again", single(trace := fresh())).status == 200
    _, clients = collector.trace(trace, 3)
    assert clients[0]["tags"]["error"] == "upstream-closed" and "error" not in clients[1]["tags"]
    assert [told(origin, index)["span"] for index in (0, 1)] == [each["id"] for each in clients]


def test_a_hedge_is_a_span_of_its_own(fleet, collector):
    slow = threading.Event()

    def lazy(exchange):
        exchange.read_body()
        if slow.is_set():
            time.sleep(0.5)
        exchange.answer(body=b"lazy")

    first, second = fleet.origin(lazy), fleet.origin()
    hedge = {"percentile": 90, "delay-min": "20ms", "delay-max": "100ms"}
    options = {"hedge": hedge, "retry-budget": {"share": "50%", "minimum": 10}}
    gateway = fleet.gateway(traced(collector, {"origin": {**upstream(first, second), **options}}, [forward("all")], **LOUD))
    with gateway.client() as client:
        for _ in range(150):
            client.get()
        slow.set()
        for _ in range(4):
            assert client.get(b"/hedged").status == 200
    assert gateway.metric("martlet_upstream_hedges_total") >= 1
    wait_until(lambda: any(span["tags"].get("hedge") for span in collector.spans), "a hedge is reported")
    hedged = next(span for span in collector.spans if span["tags"].get("hedge"))
    _, clients = collector.trace(hedged["traceId"], 3)
    by_id = {each["id"]: each for each in clients}
    heard = {}
    for origin in (first, second):
        for exchange in origin.exchanges:
            if exchange.fields.one(b"X-B3-TraceId").decode() == hedged["traceId"]:
                heard[exchange.fields.one(b"X-B3-SpanId").decode()] = origin.port
    assert {each: by_id[each]["remoteEndpoint"]["port"] for each in heard} == heard and len(heard) == 2


def test_a_client_that_goes_away(fleet, collector):
    origin = fleet.origin(lambda exchange: exchange.until_end())
    gateway = fleet.gateway(traced(collector, {"origin": upstream(origin)}, [forward("all")], **LOUD))
    client = RawClient(gateway.address)
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\n" + single(trace := fresh()) + b"\r\n\r\n")
    origin.seen()
    client.reset()
    server, (attempt,) = collector.trace(trace, 2)
    assert server["tags"]["error"] == attempt["tags"]["error"] == "downstream-closed"


def test_a_preflight_is_a_request_too(fleet, origin, collector):
    filters = [{"cors": {"origins": ["https://shop.example.com"]}}]
    gateway = fleet.gateway(traced(collector, {"origin": upstream(origin)}, [forward("all", filters=filters)], **LOUD))
    asking = [b"Origin: https://shop.example.com", b"Access-Control-Request-Method: GET", single(trace := fresh())]
    with gateway.client() as client:
        assert client.request(b"\r\n".join([b"OPTIONS / HTTP/1.1", b"Host: a", *asking, b"", b""])).status == 204
    server, clients = collector.trace(trace, 1)
    assert server["name"] == "options /**" and not clients


def test_what_a_filter_refuses(fleet, origin, collector):
    filters = [{"rate-limit": {"rate": "1/h", "burst": 1}}]
    gateway = fleet.gateway(traced(collector, {"origin": upstream(origin)}, [forward("all", filters=filters)], sample="off"))
    statuses = {ask(gateway, b"/").status for _ in range(3)}
    assert statuses == {200, 429}
    record = gateway.wait_access_record(lambda each: each["status"] == 429)
    server, clients = collector.trace(record["traceId"], 1)
    assert server["tags"]["sampling.kept"] == "limited" and server["tags"]["error.stage"] == "filter" and not clients


def test_a_tunnel_ends_its_spans_when_it_closes(fleet, collector):
    gate = threading.Event()

    def switch(exchange):
        exchange.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        exchange.wait(gate)
        exchange.close()

    origin = fleet.origin(switch)
    gateway = fleet.gateway(
        traced(collector, {"origin": upstream(origin)}, [forward("all")], sample="off", caller="follow", keep={"slower-than": "200ms"})
    )
    asking = b"GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    with gateway.client() as client, gateway.client() as unsampled:
        client.send(asking + single(trace := fresh()) + b"\r\n\r\n")
        unsampled.send(asking + b"\r\n")
        assert [each.read_head().status for each in (client, unsampled)] == [101, 101]
        time.sleep(0.3)
        assert not collector.of(trace)
        gate.set()
        for each in (client, unsampled):
            each.expect_close()
    server, (attempt,) = collector.trace(trace, 2)
    assert server["tags"]["http.status_code"] == attempt["tags"]["http.status_code"] == "101"
    assert server["duration"] >= 250_000 and attempt["duration"] >= 250_000
    # It was open for longer than what counts as slow, and yet it is not slow.
    assert gateway.metric("martlet_traced_exchanges_total", reason="slow") == 0


# The collector


def test_a_collector_that_is_away_costs_nothing(fleet, origin, nobody):
    gateway = fleet.gateway(traced(f"http://{nobody}", {"origin": upstream(origin)}, [forward("all")], **LOUD))
    with gateway.client() as client:
        client.get()
        begin = time.monotonic()
        for _ in range(300):
            assert client.get().status == 200
        assert time.monotonic() - begin < 10
    wait_until(lambda: gateway.metric("martlet_span_export_failures_total") >= 1, "the export fails")
    assert gateway.metric("martlet_spans_recorded_total") == 602
    begin = time.monotonic()
    gateway.stop()
    gateway.expected_to_exit = True
    assert time.monotonic() - begin < 8


def test_a_collector_that_comes_back_gets_what_waited(fleet, origin):
    away = Collector()
    port = away.port
    away.stop()
    gateway = fleet.gateway(traced(f"http://127.0.0.1:{port}", {"origin": upstream(origin)}, [forward("all")], **LOUD))
    ask(gateway, b"/", single(trace := fresh()))
    wait_until(lambda: gateway.metric("martlet_span_export_failures_total") >= 1, "the export fails")
    back = Collector(port)
    try:
        back.trace(trace, 2)
    finally:
        back.stop()


def test_a_graceful_stop_reports_what_there_is(fleet, origin):
    collector = Collector()
    gateway = fleet.gateway(traced(collector, {"origin": upstream(origin)}, [forward("all")], **LOUD))
    ask(gateway, b"/", single(trace := fresh()))
    gateway.signal(signal.SIGTERM)
    assert gateway.wait_exit() == 0
    gateway.expected_to_exit = True
    assert len(collector.of(trace)) == 2
    collector.check()
    collector.stop()


def test_counters(fleet, origin):
    collector = Collector()
    gateway = fleet.gateway(traced(collector, {"origin": upstream(origin)}, [forward("all")], **LOUD))
    for _ in range(3):
        ask(gateway, b"/")
    gateway.wait_metric("martlet_spans_sent_total", 6)
    assert gateway.metric("martlet_spans_recorded_total") == 6
    assert gateway.metric("martlet_traced_exchanges_total", reason="rate") == 3
    assert gateway.metric("martlet_span_batches_sent_total") == collector.reports
    assert gateway.metric("martlet_spans_dropped_total", reason="queue-full") == 0
    collector.check()
    collector.stop()


# Reload


def test_a_reload_changes_what_is_recorded_and_not_where(fleet, origin, collector):
    def whole(**tracing):
        return traced(collector, {"origin": upstream(origin)}, [forward("all")], **{**LOUD, **tracing})

    gateway = fleet.gateway(whole())
    for refused, word in (
        (whole(zipkin="http://127.0.0.1:1"), "tracing.zipkin"),
        (configuration({"origin": upstream(origin)}, [forward("all")]), "removed"),
    ):
        gateway.write_config(refused)
        result = gateway.command("reload")
        assert result.returncode != 0 and word in result.stdout + result.stderr and "restart" in result.stdout + result.stderr
    gateway.write_config(whole(service="other", sample="off", keep="off"))
    result = gateway.command("reload")
    assert result.returncode == 0, result
    ask(gateway, b"/")
    assert told(origin)["sampled"] == "0"
    ask(gateway, b"/", single(trace := fresh()))
    server, _ = collector.trace(trace, 2)
    assert server["localEndpoint"]["serviceName"] == "other"
    plain = fleet.gateway(configuration({"origin": upstream(origin)}, [forward("all")]))
    plain.write_config(whole())
    result = plain.command("reload")
    assert result.returncode != 0 and "added" in result.stdout + result.stderr
