"""TLS on both sides: curl, Python's ssl and openssl s_client as clients, and origins that speak it well or badly."""

import re
import shutil
import socket
import ssl
import subprocess
import time

import pytest
from websockets.sync.client import connect

from cases.case import head
from support.certificates import Authority
from support.configuration import configuration, forward, respond, upstream
from support.gateway import run_command
from support.origin import Origin
from support.waiting import PATIENCE, wait_until
from support.websocket import WebSocketOrigin


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


def tls_listener(pairs, name="edge", **options):
    certificates = [{"certificate": str(chain), "key": str(key)} for chain, key in pairs]
    return {"name": name, "address": "127.0.0.1:0", "tls": {"certificates": certificates, **options}}


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin, authority):
    pairs = [
        authority.issue("localhost"),
        authority.issue("api", names=["DNS:api.example.com", "DNS:*.shop.example.com"]),
    ]
    config = configuration(
        {"origin": upstream(module_origin)}, [forward("all")],
        listeners=[tls_listener(pairs), {"name": "plain", "address": "127.0.0.1:0"}],
    )  # fmt: skip
    return module_fleet.gateway(config, threads=1)


def client_context(authority, **options):
    context = ssl.create_default_context(cafile=authority.file)
    for name, value in options.items():
        setattr(context, name, value)
    return context


def tls_connect(gateway, context, name="localhost", listener="edge", session=None):
    raw = socket.create_connection(gateway.listeners[listener], timeout=PATIENCE)
    return context.wrap_socket(raw, server_hostname=name, session=session)


def ask(tls, host="localhost", path="/"):
    tls.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    return read_answer(tls)


def read_answer(tls):
    received = b""
    while b"\r\n\r\n" not in received:
        piece = tls.recv(65_536)
        assert piece, f"ended in the head: {received!r}"
        received += piece
    answer, _, body = received.partition(b"\r\n\r\n")
    length = int(re.search(rb"(?i)content-length: (\d+)", answer).group(1))
    while len(body) < length:
        body += tls.recv(65_536)
    return int(answer.split(b" ")[1]), answer, body


def curl(gateway, authority, *arguments, name="localhost", path="/"):
    port = gateway.listeners["edge"][1]
    return subprocess.run(
        ["curl", "-sS", "--max-time", "10", "--cacert", str(authority.file), "--resolve", f"{name}:{port}:127.0.0.1",
         *arguments, f"https://{name}:{port}{path}"], capture_output=True, text=True, check=False,
    )  # fmt: skip


# Clients


@pytest.mark.parametrize("version", ["--tlsv1.2 --tls-max 1.2", "--tlsv1.3"])
def test_curl_speaks_both_versions(gateway, authority, version):
    result = curl(gateway, authority, *version.split(), "-w", "%{http_code} %{http_version} %{ssl_verify_result}")
    assert result.stdout == "ok200 1.1 0", result.stderr


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_older_versions_are_refused(gateway, authority, version):
    context = client_context(authority)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1 if version == "1.0" else ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        tls_connect(gateway, context)


def test_the_name_chooses_the_certificate(gateway, authority):
    context = client_context(authority)
    for name, subject in [
        ("api.example.com", "api"), ("one.shop.example.com", "api"), ("localhost", "localhost"),
    ]:  # fmt: skip
        with tls_connect(gateway, context, name) as tls:
            assert ("commonName", subject) in [part[0] for part in tls.getpeercert()["subject"]]
            assert ask(tls, name)[0] == 200


def test_a_host_that_another_certificate_serves_is_misdirected(gateway, authority):
    with tls_connect(gateway, client_context(authority), "localhost") as tls:
        assert ask(tls, "localhost")[0] == 200
        assert ask(tls, "api.example.com")[0] == 421


def test_the_origin_hears_that_it_was_https(gateway, authority, origin):
    with tls_connect(gateway, client_context(authority)) as tls:
        ask(tls)
    fields = origin.seen()[-1].fields
    assert fields.one(b"X-Forwarded-Proto") == b"https" and b"proto=https" in fields.one(b"Forwarded")


def test_alpn_is_answered_and_a_foreign_protocol_refused(gateway, authority):
    context = client_context(authority)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with tls_connect(gateway, context) as tls:
        assert tls.selected_alpn_protocol() == "http/1.1"
    context.set_alpn_protocols(["imap"])
    with pytest.raises(ssl.SSLError, match="(?i)alert no application protocol"):
        tls_connect(gateway, context)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_sessions_are_resumed(gateway, authority, version):
    context = client_context(authority, maximum_version=version)
    with tls_connect(gateway, context) as tls:
        assert ask(tls)[0] == 200
        session = tls.session
    with tls_connect(gateway, context, session=session) as tls:
        assert tls.session_reused
        assert ask(tls)[0] == 200


def test_pipelined_requests_in_one_record_are_answered_in_order(gateway, authority):
    with tls_connect(gateway, client_context(authority)) as tls:
        tls.sendall(b"".join(b"GET /%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % number for number in range(20)))
        received = b""
        while received.count(b"\r\n\r\nok") < 20:
            received += tls.recv(65_536)


def test_bodies_of_every_size_pass_both_ways(gateway, authority, origin):
    def echo(exchange):
        exchange.answer(body=exchange.read_body())

    origin.behave(echo)
    with tls_connect(gateway, client_context(authority)) as tls:
        for size in (1, 16_383, 16_384, 16_385, 100_000, 3_000_000):
            body = bytes(range(256)) * (size // 256 + 1)
            body = body[:size]
            request = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % size
            # The origin reads all of it before it answers, so one thread will do.
            tls.sendall(request + body)
            status, _, answer = read_answer(tls)
            assert status == 200 and answer == body


def test_a_websocket_runs_over_tls(fleet, authority):
    chat = WebSocketOrigin()
    pair = authority.issue("chat")
    gateway = fleet.gateway(
        configuration({"chat": upstream(chat.address)}, [forward("chat", to="chat")], listeners=[tls_listener([pair])])
    )
    with connect(f"wss://localhost:{gateway.listeners['edge'][1]}/", ssl=client_context(authority), max_size=None) as ws:
        for size in (1, 70_000, 1_048_576):
            ws.send(b"x" * size)
            assert len(ws.recv(timeout=PATIENCE)) == size
    chat.stop()


# What strangers send


def test_plain_http_on_a_tls_listener_gets_no_answer(gateway):
    with socket.create_connection(gateway.listeners["edge"], timeout=PATIENCE) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            rest = raw.recv(1_024)
        except ConnectionError:
            rest = b""
        # At most an alert.
        assert not rest.startswith(b"HTTP")
    wait_until(lambda: gateway.metric("martlet_downstream_tls_failures_total", reason="not-tls") >= 1, "it is counted")


def test_silence_ends_after_the_time_for_handshakes(fleet, authority):
    gateway = fleet.gateway(
        configuration({}, [respond("all", 200, "ok")], listeners=[tls_listener([authority.issue("silent")])],
                      timeouts={"tls-handshake": "200ms"})
    )  # fmt: skip
    with socket.create_connection(gateway.listeners["edge"], timeout=PATIENCE) as raw:
        assert raw.recv(1) == b""
    assert gateway.metric("martlet_downstream_tls_failures_total", reason="timeout") == 1


def test_many_half_done_handshakes_hold_nobody_up(gateway, authority):
    hello = ssl.MemoryBIO()
    ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), hello, server_hostname="localhost")
    half = [socket.create_connection(gateway.listeners["edge"], timeout=PATIENCE) for _ in range(200)]
    for raw in half:
        raw.sendall(b"\x16\x03\x01\x02\x00\x01\x00")
    with tls_connect(gateway, client_context(authority)) as tls:
        assert ask(tls)[0] == 200
    for raw in half:
        raw.close()


# Client certificates


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("members"), "members")


def guarded(fleet, origin, authority, members, mode):
    asked = {"mode": mode, "authorities": str(members.file)}
    listeners = [tls_listener([authority.issue(f"guarded-{mode}")], **{"client-certificates": asked})]
    return fleet.gateway(configuration({"origin": upstream(origin)}, [forward("all")], listeners=listeners))


SPOOFED = b"X-Client-Cert-Subject: CN=admin\r\nX-Client-Cert-Verified: true\r\nX-CLIENT-CERT-FINGERPRINT: 00\r\n"


def test_the_verified_subject_goes_to_the_origin_and_cannot_be_made_up(fleet, origin, module_origin, authority, members):
    gateway = guarded(fleet, module_origin, authority, members, "optional")
    with tls_connect(gateway, client_context(authority)) as tls:
        tls.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + SPOOFED + b"\r\n")
        assert read_answer(tls)[0] == 200
    assert b"x-client-cert" not in origin.received().lower()
    origin.forget()
    context = client_context(authority)
    context.load_cert_chain(*members.issue("alice", names=["URI:spiffe://shop/alice"], subject="/O=Shop, Inc/CN=alice"))
    with tls_connect(gateway, context) as tls:
        tls.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + SPOOFED + b"\r\n")
        assert read_answer(tls)[0] == 200
    fields = origin.seen()[-1].fields
    assert fields.one(b"X-Client-Cert-Subject") == rb"CN=alice,O=Shop\, Inc"
    assert fields.one(b"X-Client-Cert-Verified") == b"true"
    assert len(fields.one(b"X-Client-Cert-Fingerprint")) == 64
    assert fields.one(b"X-Client-Cert-Names") == b"URI:spiffe://shop/alice"


def test_a_required_certificate_is_required(fleet, module_origin, authority, members):
    gateway = guarded(fleet, module_origin, authority, members, "required")
    strangers = Authority(gateway.folder, "strangers")
    for load in (lambda context: None, lambda context: context.load_cert_chain(*strangers.issue("mallory"))):
        context = client_context(authority)
        load(context)
        with pytest.raises((ssl.SSLError, ConnectionError, AssertionError)):
            with tls_connect(gateway, context) as tls:
                ask(tls)
    context = client_context(authority)
    context.load_cert_chain(*members.issue("bob"))
    with tls_connect(gateway, context) as tls:
        assert ask(tls)[0] == 200
    wait_until(
        lambda: gateway.metric("martlet_downstream_tls_failures_total", reason="certificate-missing") == 1
        and gateway.metric("martlet_downstream_tls_failures_total", reason="certificate-refused") == 1,
        "both failures are counted",
    )


# Files


def test_a_renewed_certificate_is_served_without_a_reload_and_sessions_live_on(fleet, authority, module_origin):
    chain, key = authority.issue("renewed")
    gateway = fleet.gateway(
        configuration({"origin": upstream(module_origin)}, [forward("all")], listeners=[tls_listener([(chain, key)])])
    )
    context = client_context(authority)
    with tls_connect(gateway, context) as old:
        serial = old.getpeercert()["serialNumber"]
        session = old.session
        fresh_chain, fresh_key = authority.issue("fresh")
        # In the order of certbot: the key first, so that for a moment the two do not belong together.
        shutil.copy(fresh_key, key)
        wait_until(lambda: gateway.metric("martlet_reloads_total", outcome="refused") >= 1, "the half renewal was refused")
        shutil.copy(fresh_chain, chain)

        def served():
            with tls_connect(gateway, context) as tls:
                return tls.getpeercert()["serialNumber"]

        wait_until(lambda: served() != serial, "the new certificate is served")
        assert ask(old)[0] == 200
    with tls_connect(gateway, context, session=session) as tls:
        assert ask(tls)[0] == 200


def test_the_end_of_a_certificate_is_told(gateway):
    name = "martlet_certificate_not_after_timestamp_seconds"
    end = gateway.metrics().of(name, listener="edge", subject="CN=localhost")
    assert 29 * 86_400 < end - time.time() <= 30 * 86_400


def check(folder, listener):
    path = folder / "routes.yaml"
    from support.configuration import yaml

    path.write_text(yaml(configuration({}, [respond("all", 200, "ok")], listeners=[listener])))
    return run_command("check", "--config", path, folder=folder)


def test_check_names_file_and_reason(authority, tmp_path):
    chain, key = authority.issue("checked")
    _, foreign = authority.issue("foreign")
    (tmp_path / "empty.pem").write_text("")
    rows = [
        (chain, foreign, f"{foreign}`: the key belongs to another certificate"),
        (tmp_path / "none.pem", key, f"cannot read the certificate `{tmp_path}/none.pem`"),
        (tmp_path / "empty.pem", key, "the file is empty"),
        (key, key, "there is no certificate in PEM form"),
    ]
    for certificate, key_file, message in rows:
        result = check(tmp_path, tls_listener([(certificate, key_file)]))
        assert result.returncode == 1 and message in result.stderr, result.stderr
        assert re.search(r"routes\.yaml:\d+:\d+: ", result.stderr) and "^" in result.stderr
    expired = authority.folder / "expired.pem"
    subprocess.run(
        ["openssl", "x509", "-req", "-in", "checked.csr", "-CA", authority.file, "-CAkey", "authority.key", "-days", "-1",
         "-extfile", "checked.ext", "-out", expired], cwd=authority.folder, check=True, capture_output=True,
    )  # fmt: skip
    result = check(tmp_path, tls_listener([(expired, key)]))
    assert result.returncode == 1 and "expired on" in result.stderr, result.stderr
    assert check(tmp_path, tls_listener([(chain, key)])).returncode == 0


# Origins


class TLSOrigin(Origin):
    """An origin behind TLS."""

    def __init__(self, pair, client_authority=None, **options):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*pair)
        if client_authority:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(client_authority)
        self.names = []
        self.context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self.resumed = []
        super().__init__(**options)

    def _serve(self, connection):
        try:
            wrapped = self.context.wrap_socket(connection.sock, server_side=True)
        except (ssl.SSLError, OSError):
            connection.ended.set()
            return
        self.resumed.append(wrapped.session_reused)
        connection.sock = wrapped
        connection.stream.sock = wrapped
        super()._serve(connection)


def to_origin(fleet, origin, host="localhost", **tls):
    endpoint = f"{host}:{origin.port}"
    options = {"tls": tls or True, "health": {"passive": "off"}}
    return fleet.gateway(configuration({"origin": upstream(endpoint, **options)}, [forward("all")]))


@pytest.fixture
def tls_origin(fleet, authority):
    origin = TLSOrigin(authority.issue("origin", names=["DNS:localhost", "DNS:orders.internal"]))
    fleet.origins.append(origin)
    return origin


def test_an_origin_is_verified_and_named(fleet, tls_origin, authority):
    gateway = to_origin(fleet, tls_origin, authorities=str(authority.file))
    with gateway.client() as client:
        for number in range(5):
            assert client.get(b"/%d" % number).status == 200
    assert tls_origin.names == ["localhost"] and tls_origin.accepted == 1


def test_another_name_can_be_asked_for(fleet, tls_origin, authority):
    gateway = to_origin(fleet, tls_origin, "127.0.0.1", authorities=str(authority.file), **{"server-name": "orders.internal"})
    with gateway.client() as client:
        assert client.get().status == 200
    assert tls_origin.names == ["orders.internal"]


@pytest.mark.parametrize("why", ["unknown authority", "other name"])
def test_an_origin_that_cannot_be_trusted_gets_no_request(fleet, tls_origin, authority, tmp_path, why):
    if why == "other name":
        gateway = to_origin(fleet, tls_origin, authorities=str(authority.file), **{"server-name": "elsewhere.internal"})
    else:
        gateway = to_origin(fleet, tls_origin, authorities=str(Authority(tmp_path, "other").file))
    with gateway.client() as client:
        response = client.get()
        assert response.status == 502 and response.problem_word() == "upstream-tls-failed"
        assert response.problem()["stage"] == "tls"
    assert not tls_origin.exchanges
    assert gateway.metric("martlet_upstream_tls_failures_total") >= 1


def test_verification_can_be_switched_off(fleet, tls_origin):
    gateway = to_origin(fleet, tls_origin, verify=False)
    with gateway.client() as client:
        assert client.get().status == 200


def test_a_plain_origin_is_no_tls_origin(fleet, authority):
    class PlainOrigin(Origin):
        def _serve(self, connection):
            connection.sock.recv(65_536)
            connection.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            connection.close()

    origin = PlainOrigin()
    fleet.origins.append(origin)
    gateway = to_origin(fleet, origin, authorities=str(authority.file))
    with gateway.client() as client:
        assert client.get().problem_word() == "upstream-tls-failed"


def test_the_gateway_shows_its_certificate(fleet, authority, members):
    origin = TLSOrigin(authority.issue("strict"), client_authority=members.file)
    fleet.origins.append(origin)
    chain, key = members.issue("gateway")
    shown = {"certificate": str(chain), "key": str(key)}
    gateway = to_origin(fleet, origin, authorities=str(authority.file), **shown)
    with gateway.client() as client:
        assert client.get().status == 200
    without = to_origin(fleet, origin, authorities=str(authority.file))
    with without.client() as client:
        assert client.get().status == 502


def test_sessions_with_an_origin_are_reused(fleet, tls_origin, authority):
    gateway = to_origin(fleet, tls_origin, authorities=str(authority.file))
    tls_origin.behave(lambda exchange: exchange.answer(fields=[b"Connection: close"]))
    with gateway.client() as client:
        for _ in range(3):
            assert client.get().status == 200
    assert tls_origin.resumed[0] is False and True in tls_origin.resumed[1:]


def test_a_body_that_ends_with_a_cut_connection_is_cut(fleet, tls_origin, authority):
    def ends(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\n\r\npart")
        # The TCP connection ends, and TLS has not said so.
        socket.socket.shutdown(exchange.connection.sock, socket.SHUT_RDWR)

    tls_origin.behave(ends)
    gateway = to_origin(fleet, tls_origin, authorities=str(authority.file))
    with gateway.client() as client:
        client.send(head())
        client.expect_cut()


# The PROXY protocol


def test_a_trusted_proxy_tells_whose_connection_it_is(fleet, origin, module_origin, authority):
    listeners = [
        {**tls_listener([authority.issue("proxied")]), "proxy-protocol": True, "trusted-proxies": ["127.0.0.1/32"]},
        {"name": "plain", "address": "127.0.0.1:0", "proxy-protocol": True, "trusted-proxies": ["127.0.0.1/32"]},
    ]
    gateway = fleet.gateway(configuration({"origin": upstream(module_origin)}, [forward("all")], listeners=listeners))
    header = b"PROXY TCP4 203.0.113.9 192.0.2.1 4321 443\r\n"
    context = client_context(authority)
    with socket.create_connection(gateway.listeners["edge"], timeout=PATIENCE) as raw:
        raw.sendall(header)
        with context.wrap_socket(raw, server_hostname="localhost") as tls:
            assert ask(tls)[0] == 200
    assert origin.seen()[-1].fields.one(b"X-Forwarded-For") == b"203.0.113.9"
    # Byte by byte, and with the request behind it in the same packet.
    for pieces in ([bytes([octet]) for octet in header], [header]):
        origin.forget()
        with socket.create_connection(gateway.listeners["plain"], timeout=PATIENCE) as raw:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in pieces[:-1]:
                raw.sendall(piece)
            raw.sendall(pieces[-1] + b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n")
            assert read_answer(raw)[0] == 200
        assert origin.seen()[-1].fields.one(b"X-Forwarded-For") == b"203.0.113.9"
    record = gateway.wait_access_record(lambda each: each["client"] == "203.0.113.9:4321")
    assert record["status"] == 200
    with socket.create_connection(gateway.listeners["plain"], timeout=PATIENCE) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try:
            assert raw.recv(1_024) == b""
        except ConnectionResetError:
            # What it did not want to read makes the kernel say so.
            pass


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_origin_is_told_whose_connection_it_is(fleet, version):
    received = []

    class ProxyAware(Origin):
        def _serve(self, connection):
            first = connection.sock.recv(16, socket.MSG_WAITALL)
            if first.startswith(b"PROXY"):
                while not first.endswith(b"\r\n"):
                    first += connection.sock.recv(1)
            else:
                first += connection.sock.recv(int.from_bytes(first[14:16], "big"), socket.MSG_WAITALL)
            received.append(first)
            super()._serve(connection)

    origin = ProxyAware()
    fleet.origins.append(origin)
    gateway = fleet.gateway(
        configuration({"origin": upstream(origin, proxy_protocol=version)}, [forward("all")])
    )
    with gateway.client() as client:
        port = client.sock.getsockname()[1]
        assert client.get().status == 200
        assert client.get().status == 200
    # Each connection is one client's alone.
    assert len(received) == 2
    if version == "v1":
        assert received[0] == b"PROXY TCP4 127.0.0.1 127.0.0.1 %d %d\r\n" % (port, gateway.address[1])
    else:
        assert received[0][:14] == b"\r\n\r\n\x00\r\nQUIT\n\x21\x11"
        assert received[0][16:24] == b"\x7f\0\0\1\x7f\0\0\1"
