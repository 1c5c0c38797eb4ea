"""The access log: one JSON line per exchange, every stranger's byte escaped, and never in anybody's way (class 26)."""

import json
import os
import re
import signal

import pytest

from cases.case import head, post
from support.configuration import configuration, everything_to, forward, respond, upstream
from support.waiting import wait_until

KEYS = {
    "time", "listener", "client", "method", "host", "target", "version", "status", "route", "upstream", "endpoint", "attempts", "requestId",
    "requestBytes", "responseBytes", "durationMs", "connectMs", "upstreamMs",
}  # fmt: skip


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin):
    routes = [forward("all"), respond("hello", 200, "hello\n", path="/hello"), forward("hosted", host="only.test", path="/hosted")]
    return module_fleet.gateway(configuration({"origin": upstream(module_origin)}, routes))


def record_of(gateway, response=None, target=None):
    if response is not None:
        wanted = response.fields.one(b"X-Request-Id").decode()
        return gateway.wait_access_record(lambda each: each["requestId"] == wanted, f"the record of {wanted}")
    return gateway.wait_access_record(lambda each: each["target"] == target, f"the record of {target}")


def test_a_record_tells_everything(gateway, module_origin, origin):
    with gateway.client() as client:
        response = client.request(post(b"Content-Length: 5", body=b"hello", line=b"POST /a/../x?y=1 HTTP/1.1"))
        name = client.name
    record = record_of(gateway, response)
    assert KEYS <= set(record), KEYS - set(record)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["time"])
    expected = {
        "listener": "public", "client": name, "method": "POST", "host": "a", "target": "/a/../x?y=1", "status": 200, "route": "all",
        "upstream": "origin", "endpoint": module_origin.address, "attempts": 1, "requestBytes": 5, "responseBytes": 2,
    }  # fmt: skip
    assert {key: record[key] for key in expected} == expected
    assert "1.1" in str(record["version"]) and 0 <= record["upstreamMs"] <= record["durationMs"]
    assert not record.get("error")


def test_each_exchange_of_a_connection_has_its_line(gateway, origin):
    with gateway.client() as client:
        client.send(b"".join(head(b"GET /line-%d HTTP/1.1" % number) for number in range(20)))
        assert [client.read_response().status for _ in range(20)] == [200] * 20
    wait_until(lambda: len([each for each in gateway.access_records() if "/line-" in each["target"]]) == 20, "twenty lines")


def test_an_answer_of_the_gateway_has_no_upstream(gateway):
    with gateway.client() as client:
        record = record_of(gateway, client.get(b"/hello"))
    assert record["route"] == "hello" and record["upstream"] is None and record["endpoint"] is None and record["responseBytes"] == 6


@pytest.mark.parametrize("octets, status, error, stage", [
    (head(b"GET /hosted HTTP/1.1", b"Bad Name: x"), 400, "bad-request", "read-head"),
    (head(b"GET /x HTTP/1.1", b"Expect: x"), 417, "expectation-failed", None),
    (b"GET /x HTTP/3.0\r\n\r\n", 505, "version-not-supported", "read-head"),
])  # fmt: skip
def test_a_refused_request_has_a_line_with_its_error(gateway, octets, status, error, stage):
    before = len(gateway.access_records())
    with gateway.client() as client:
        assert client.request(octets).status == status
    wait_until(lambda: len(gateway.access_records()) > before, "a line")
    record = gateway.access_records()[-1]
    assert record["status"] == status and record["error"] == error and record["side"] == "downstream"
    assert stage in (None, record["stage"])


def test_a_failed_upstream_has_its_side(gateway, origin):
    origin.behave(lambda exchange: exchange.close())
    with gateway.client() as client:
        record = record_of(gateway, client.get(b"/dead"))
    assert (record["status"], record["error"], record["side"]) == (502, "upstream-closed", "upstream")


def test_a_cut_answer_is_told(gateway, origin):
    origin.behave(lambda exchange: (exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour"), exchange.close()))
    with gateway.client() as client:
        client.send(head(b"GET /cut HTTP/1.1"))
        client.expect_cut()
    record = record_of(gateway, target="/cut")
    assert record["status"] == 200 and record["error"] and record["side"] == "upstream" and record["responseBytes"] == 4


def test_strange_bytes_are_escaped_and_stay_in_their_line(gateway, origin):
    lines = len(gateway.access_records())
    strange = [
        head(b'GET /"quote"?a=%0a HTTP/1.1'), head(b"GET /\x1b[31m HTTP/1.1"), head(b"GET /caf\xc3\xa9 HTTP/1.1"), head(b"GET /\xff\xfe HTTP/1.1"),
        head(b"GET /?a=\\u0000\\ HTTP/1.1"), head(b"GET / HTTP/1.1", host=b'a"\x01b'), head(b"GET / HTTP/1.1", host=b"a\xff"),
        head(b'G"T / HTTP/1.1'), head(b"GET /a\rb HTTP/1.1"), head(b"GET /\x7f\x80\x9f HTTP/1.1"),
    ]  # fmt: skip
    for octets in strange:
        with gateway.client() as client:
            client.request(octets)
    wait_until(lambda: len(gateway.access_records()) >= lines + len(strange), "a line for each")
    raw = (gateway.folder / "access.log").read_bytes()
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", raw), "a control character in the log"
    raw.decode("utf-8")


def test_a_long_target_is_capped(gateway, origin):
    with gateway.client() as client:
        record = record_of(gateway, client.get(b"/" + b"a" * 7000))
    assert len(record["target"]) <= 2100 and record["target"].startswith("/aaaa")


def test_a_client_that_leaves_has_its_line(gateway, origin):
    origin.behave(lambda exchange: exchange.until_end())
    client = gateway.client()
    client.send(head(b"GET /left HTTP/1.1"))
    origin.seen()
    client.reset()
    record = record_of(gateway, target="/left")
    assert record["error"] and record["side"] == "downstream"


def test_the_file_is_opened_again_on_sigusr1(gateway, origin):
    old, rotated = gateway.folder / "access.log", gateway.folder / "access.log.1"
    with gateway.client() as client:
        record_of(gateway, client.get(b"/before-rotation"))
        old.rename(rotated)
        gateway.signal(signal.SIGUSR1)
        wait_until(old.exists, "the file was opened again")
        record_of(gateway, client.get(b"/after-rotation"))
    assert b"/before-rotation" in rotated.read_bytes() and b"/after-rotation" not in rotated.read_bytes()
    assert b"/before-rotation" not in old.read_bytes()


def test_an_existing_file_is_appended_to(fleet, module_origin, tmp_path):
    log = tmp_path / "log.json"
    log.write_text('{"target":"/older"}\n')
    gateway = fleet.gateway(everything_to(module_origin, access_log=str(log)))
    with gateway.client() as client:
        assert client.get(b"/newer").status == 200
    wait_until(lambda: log.read_text().count("\n") == 2, "a second line")
    assert [json.loads(line)["target"] for line in log.read_text().splitlines()] == ["/older", "/newer"]


def test_standard_output_is_a_log_too(fleet, module_origin):
    gateway = fleet.gateway(everything_to(module_origin, access_log="stdout"))
    with gateway.client() as client:
        assert client.get(b"/printed").status == 200
    wait_until(lambda: gateway.stdout_lines, "a line on stdout")
    assert json.loads(gateway.stdout_lines[0])["target"] == "/printed"


def test_the_log_can_be_off(fleet, module_origin):
    gateway = fleet.gateway(everything_to(module_origin, access_log="off"))
    with gateway.client() as client:
        assert client.get(b"/silent").status == 200
    gateway.expected_to_exit = True
    gateway.stop()
    assert not gateway.stdout_lines and not (gateway.folder / "access.log").exists()


def test_a_sink_that_blocks_delays_nobody_and_drops_are_counted(fleet, module_origin, tmp_path):
    fifo = tmp_path / "log.fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    gateway = fleet.gateway(everything_to(module_origin, access_log=str(fifo)))
    target = b"/" + b"a" * 2000

    def dropped():
        with gateway.client() as client:
            client.send(head(b"GET " + target + b" HTTP/1.1") * 50)
            assert [client.read_response().status for _ in range(50)] == [200] * 50
        return gateway.metric("martlet_access_log_dropped_total") > 0

    wait_until(dropped, "lines were dropped", 30)
    os.set_blocking(reader, True)
    pieces = os.read(reader, 65_536)
    assert json.loads(pieces.split(b"\n")[0])["status"] == 200
    os.close(reader)
    with gateway.client() as client:
        assert client.get().status == 200
