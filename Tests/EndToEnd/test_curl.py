"""With the client that everybody has."""

import hashlib
import os
import subprocess

import pytest

from support.configuration import everything_to, configuration, forward, upstream
from support.waiting import SLOW

BIG = os.urandom(1_048_576) * 8


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin):
    return module_fleet.gateway(everything_to(module_origin, limits={"request-body": "16MiB"}))


@pytest.fixture
def curl(gateway, tmp_path):
    def run(*arguments, body=None):
        command = ["curl", "--silent", "--show-error", "--max-time", str(int(20 * SLOW)), "--noproxy", "*", *arguments]
        result = subprocess.run(command, input=body, capture_output=True, cwd=tmp_path, timeout=60 * SLOW, check=False)
        assert result.returncode == 0, (result.returncode, result.stderr)
        return result.stdout

    return run


def digest_of_body(exchange):
    exchange.answer(body=hashlib.sha256(exchange.read_body()).hexdigest().encode())


@pytest.fixture
def big_file(tmp_path):
    (tmp_path / "big").write_bytes(BIG)
    return hashlib.sha256(BIG).hexdigest().encode()


def test_get(curl, gateway, origin):
    assert curl(gateway.url("/x")) == b"ok"
    assert origin.seen()[0].line == b"GET /x HTTP/1.1"


def test_status_and_fields(curl, gateway):
    text = curl("-i", gateway.url("/x"))
    assert text.startswith(b"HTTP/1.1 200 OK\r\n") and b"Via: 1.1 martlet" in text


def test_post_of_a_big_file(curl, gateway, origin, big_file):
    origin.behave(digest_of_body)
    assert curl("--data-binary", "@big", gateway.url("/x")) == big_file


def test_upload_in_chunks(curl, gateway, origin, big_file):
    origin.behave(digest_of_body)
    assert curl("-T", "-", gateway.url("/x"), body=BIG) == big_file
    assert origin.seen()[0].fields.tokens(b"Transfer-Encoding") == [b"chunked"]


def test_upload_of_a_file(curl, gateway, origin, big_file):
    origin.behave(digest_of_body)
    assert curl("-T", "big", gateway.url("/x")) == big_file


def test_expect_is_relayed(curl, gateway, origin, big_file):
    def continue_then_digest(exchange):
        if exchange.fields.tokens(b"Expect"):
            exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        digest_of_body(exchange)

    origin.behave(continue_then_digest)
    # Without the relayed 100 curl would wait far longer than its whole time.
    assert curl("-H", "Expect: 100-continue", "--expect100-timeout", "600", "--data-binary", "@big", gateway.url("/x")) == big_file
    assert origin.seen()[0].fields.tokens(b"Expect") == [b"100-continue"]


def test_expect_that_is_refused(curl, gateway, origin, big_file):
    def refuse(exchange):
        exchange.send(b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
        exchange.until_end()

    origin.behave(refuse)
    arguments = ["-H", "Expect: 100-continue", "--expect100-timeout", "600", "--data-binary", "@big", "-w", "%{http_code}"]
    assert curl(*arguments, gateway.url("/x")) == b"no403"


def test_http_1_0(curl, gateway, origin):
    assert curl("--http1.0", gateway.url("/x")) == b"ok"
    assert curl("-0", "--data-binary", "hello", gateway.url("/x")) == b"ok"


def test_head(curl, gateway, origin):
    origin.behave(lambda exchange: exchange.answer(body=b"x" * 1234))
    assert b"Content-Length: 1234" in curl("-I", gateway.url("/x"))


def test_many_urls_on_one_connection(curl, gateway, origin):
    before = gateway.metric("martlet_downstream_accepts_total")
    output = curl("-w", "%{num_connects}\n", *[gateway.url(f"/{number}") for number in range(50)])
    assert output == b"ok1\n" + b"ok0\n" * 49
    assert origin.targets() == [b"/%d" % number for number in range(50)]
    assert gateway.metric("martlet_downstream_accepts_total") == before + 1


def test_parallel_urls(curl, gateway, origin):
    output = curl("--parallel", "--parallel-max", "20", *[gateway.url(f"/{number}") for number in range(100)])
    assert output == b"ok" * 100
    assert sorted(origin.targets()) == sorted(b"/%d" % number for number in range(100))


def test_a_download(curl, gateway, origin):
    origin.behave(lambda exchange: exchange.answer(body=BIG))
    assert hashlib.sha256(curl(gateway.url("/x"))).digest() == hashlib.sha256(BIG).digest()


def test_through_a_proxy_request(curl, gateway, origin):
    """curl as a proxy's client sends the absolute form."""
    assert curl("--proxy", gateway.url("/"), "--noproxy", "", "http://shop.test/x?y") == b"ok"
    exchange = origin.seen()[0]
    assert exchange.line == b"GET /x?y HTTP/1.1" and exchange.fields.one(b"Host") == b"shop.test"


def test_trailers_and_compression_fields_pass(curl, gateway, origin):
    curl("--compressed", gateway.url("/x"))
    assert b"gzip" in origin.seen()[0].fields.tokens(b"Accept-Encoding")


def test_ipv6_listener(module_fleet, module_origin, curl):
    listeners = [{"name": "six", "address": "[::1]:0"}]
    gateway = module_fleet.gateway(configuration({"origin": upstream(module_origin)}, [forward("all")], listeners=listeners))
    assert curl("-g", "http://[::1]:%d/x" % gateway.address[1]) == b"ok"
