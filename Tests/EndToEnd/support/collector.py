"""A Zipkin collector that is as strict as the format allows, and remembers what it took."""

import gzip
import http.server
import ipaddress
import json
import re
import threading
import time

from support.waiting import wait_until

_TRACE_ID = re.compile(r"[0-9a-f]{16}|[0-9a-f]{32}")
_SPAN_ID = re.compile(r"[0-9a-f]{16}")
_KEYS = {
    "traceId", "id", "parentId", "kind", "name", "timestamp", "duration", "debug", "localEndpoint", "remoteEndpoint",
    "annotations", "tags",
}  # fmt: skip


def check_endpoint(endpoint):
    assert set(endpoint) <= {"serviceName", "ipv4", "ipv6", "port"}, endpoint
    if "serviceName" in endpoint:
        assert endpoint["serviceName"] == endpoint["serviceName"].lower() != "", endpoint
    if "ipv4" in endpoint:
        ipaddress.IPv4Address(endpoint["ipv4"])
    if "ipv6" in endpoint:
        ipaddress.IPv6Address(endpoint["ipv6"])
    assert 0 < endpoint.get("port", 1) < 65536, endpoint


def check_span(span):
    """Zipkin v2: ids, kinds, times in whole microseconds, tags of text."""
    assert set(span) <= _KEYS, span
    assert _TRACE_ID.fullmatch(span["traceId"]) and set(span["traceId"]) != {"0"}, span
    assert not (len(span["traceId"]) == 32 and span["traceId"].startswith("0" * 16)), span
    assert _SPAN_ID.fullmatch(span["id"]) and set(span["id"]) != {"0"}, span
    if "parentId" in span:
        assert _SPAN_ID.fullmatch(span["parentId"]) and span["parentId"] != span["id"], span
        assert set(span["parentId"]) != {"0"}, span
    assert span["kind"] in ("CLIENT", "SERVER"), span
    assert span["name"], span
    now = time.time() * 1e6
    assert type(span["timestamp"]) is int and now - 600e6 < span["timestamp"] < now + 1e6, (span, now)
    assert type(span["duration"]) is int and span["duration"] >= 1, span
    assert span.get("debug", True) is True, span
    for place in ("localEndpoint", "remoteEndpoint"):
        check_endpoint(span[place])
    for note in span.get("annotations", []):
        assert set(note) == {"timestamp", "value"} and type(note["timestamp"]) is int and note["value"], span
        assert span["timestamp"] <= note["timestamp"] <= span["timestamp"] + span["duration"], span
    assert all(type(key) is str and type(value) is str for key, value in span["tags"].items()), span


class Collector:
    """Takes spans at `/api/v2/spans`. What is wrong with a report is in `failures`."""

    def __init__(self, port=0, status=202):
        self.status = status
        self.spans = []
        self.reports = 0
        self.failures = []
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    collector.take(self.path, self.headers, body)
                except Exception as problem:  # noqa: BLE001
                    collector.failures.append(problem)
                self.send_response(collector.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def take(self, path, headers, body):
        assert path == "/api/v2/spans", path
        assert headers["Content-Type"] == "application/json", headers
        # Proxies on the way must not trace the reports of traces.
        assert headers["b3"] == "0", headers
        if headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        spans = json.loads(body)
        assert isinstance(spans, list) and spans, body
        for span in spans:
            check_span(span)
        if self.status == 202:
            self.spans.extend(spans)
        self.reports += 1

    def of(self, trace_id):
        return [span for span in list(self.spans) if span["traceId"] == trace_id]

    def trace(self, trace_id, count):
        """Waits for so many spans of a trace; its one server span, and the client spans in their order."""
        wait_until(lambda: len(self.of(trace_id)) >= count or self.failures, f"{count} spans of {trace_id}")
        self.check()
        spans = self.of(trace_id)
        assert len(spans) == count, spans
        assert len({span["id"] for span in spans}) == count, spans
        servers = [span for span in spans if span["kind"] == "SERVER"]
        assert len(servers) == 1, spans
        clients = sorted((span for span in spans if span["kind"] == "CLIENT"), key=lambda span: span["timestamp"])
        for client in clients:
            self.check_link(servers[0], client)
        return servers[0], clients

    @staticmethod
    def check_link(server, client):
        assert client["parentId"] == server["id"], (server, client)
        assert client["timestamp"] >= server["timestamp"], (server, client)
        assert client["timestamp"] + client["duration"] <= server["timestamp"] + server["duration"] + 2, (server, client)
        assert client["name"] == server["name"] and client["localEndpoint"] == server["localEndpoint"]

    def check(self):
        assert not self.failures, self.failures

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
