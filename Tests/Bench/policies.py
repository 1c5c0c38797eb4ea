"""Tokens and limits: the same request with a verified token and a limit by its subject, next to HAProxy doing the same."""
import base64
import http.server
import json
import os
import subprocess
import threading
import time

import configurations
import harness
from figures import Figure, ratio
from harness import BenchError, note

PATH = "/api/v1/products/42"
MEBIBYTE = 1 << 20
ISSUER = "https://id.example.com/realms/shop"


def encoded(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


class Issuer:
    """An RSA key, the tokens it signs, and a key set at a URL. openssl does the work, as the bench has no packages."""

    def __init__(self, folder):
        self.private, self.public = os.path.join(folder, "issuer.key"), os.path.join(folder, "issuer.pem")
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.private)
        openssl("pkey", "-in", self.private, "-pubout", "-out", self.public)
        modulus = openssl("rsa", "-in", self.private, "-noout", "-modulus").decode().strip().partition("=")[2]
        key = {"kty": "RSA", "kid": "bench", "use": "sig", "alg": "RS256", "n": encoded(bytes.fromhex(modulus)), "e": "AQAB"}
        body = json.dumps({"keys": [key]}).encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            # Spans come here.
            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.url = self.base + "/certs"

    def token(self, subject):
        now = int(time.time())
        claims = {
            "exp": now + 3_600, "iat": now, "jti": f"jti-{subject}", "iss": ISSUER, "aud": ["shop-api", "account"], "sub": subject,
            "typ": "Bearer", "azp": "shop-web", "scope": "openid profile orders", "preferred_username": subject,
            "realm_access": {"roles": ["customer", "offline_access", "uma_authorization"]},
            "resource_access": {"account": {"roles": ["manage-account", "view-profile"]}}, "email": f"{subject}@example.com",
        }  # fmt: skip
        head = encoded(json.dumps({"alg": "RS256", "typ": "JWT", "kid": "bench"}).encode())
        signed = f"{head}.{encoded(json.dumps(claims).encode())}"
        return f"{signed}.{encoded(openssl('dgst', '-sha256', '-sign', self.private, input=signed.encode()))}"


def openssl(*arguments, input=None):
    done = subprocess.run(["openssl", *arguments], input=input, capture_output=True, check=False)
    if done.returncode:
        raise BenchError(f"openssl {arguments[0]}: {done.stderr.decode()[-300:]}")
    return done.stdout


def servers(bench, issuer):
    found = {"floor": bench.floor()}
    port, admin = harness.free_ports(2)
    path = os.path.join(bench.folder, f"policies-{port}", "routes.yaml")
    os.mkdir(os.path.dirname(path))
    bench.write(path, configurations.martlet_policies(bench.folder, port, admin, bench.origin_port, ISSUER, issuer.url, issuer.base))
    command = [part.replace("{config}", path) for part in bench.gateway_command]
    found["martlet"] = (bench.start(f"martlet-policies-{port}", command, {harness.PROXY_CORE}), port)
    port, = harness.free_ports(1)
    path = os.path.join(bench.folder, f"haproxy-policies-{port}.cfg")
    bench.write(path, configurations.haproxy_policies(port, bench.origin_port, ISSUER, issuer.public))
    found["haproxy"] = (bench.start("haproxy-policies", ["haproxy", "-db", "-f", path], {harness.PROXY_CORE}), port)
    return found


def wait_for(process, port, token, seconds=20):
    import urllib.request

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        process.require_alive()
        try:
            request = urllib.request.Request(f"http://127.0.0.1:{port}{PATH}", headers={"Authorization": f"Bearer {token}"})
            with urllib.request.urlopen(request, timeout=5) as response:
                if response.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise BenchError(f"no 200 with a token on port {port}:\n{process.last_words()}")


def policies(bench):
    """A verified RS256 token and a limit by its subject, next to HAProxy with jwt_verify and a stick table."""
    issuer = Issuer(bench.folder)
    token = issuer.token("ada")
    found = servers(bench, issuer)
    for process, port in found.values():
        wait_for(process, port, token)
    for connections in (64, 256):
        samples = {name: [] for name in found}
        for number in range(bench.rounds + 1):
            note(f"tokens and limits, {connections} connections: round {number} of {bench.rounds}")
            for name, (process, port) in found.items():
                before = process.cpu_seconds()
                load = harness.wrk(port, PATH, connections, bench.seconds, headers=[f"Authorization: Bearer {token}"])
                load["cpuMicroseconds"] = (process.cpu_seconds() - before) * 1e6 / max(1, load["requests"])
                load["residentMebibytes"] = process.resident_bytes() / MEBIBYTE
                if load["bad"]:
                    raise BenchError(f"{name} refused {load['bad']} requests:\n{process.last_words()}")
                if number > 0:
                    samples[name].append(load)
        bench.keep(f"tokens and limits, {connections} connections", samples)
        costs = {name: [load["cpuMicroseconds"] for load in loads] for name, loads in samples.items()}
        yield ratio(f"token and limit, CPU against the floor, {connections} connections", costs["martlet"], costs["floor"], 1.5, 1.3)
        yield ratio(f"token and limit, CPU against haproxy, {connections} connections", costs["martlet"], costs["haproxy"], 0.6, 0.5)


def policy_allocations(bench):
    """Heap allocations per exchange with a token that was seen before."""
    import measurements

    issuer = Issuer(bench.folder)
    token = issuer.token("ada")
    counters = os.path.join(bench.folder, "policy-allocations")
    port, admin = harness.free_ports(2)
    path = os.path.join(bench.folder, f"allocations-{port}", "routes.yaml")
    os.mkdir(os.path.dirname(path))
    bench.write(path, configurations.martlet_policies(bench.folder, port, admin, bench.origin_port, ISSUER, issuer.url, issuer.base))
    process = bench.start(
        f"martlet-policy-allocations-{port}", [part.replace("{config}", path) for part in bench.gateway_command], {harness.PROXY_CORE},
        {"LD_PRELOAD": bench.alloccount, "ALLOCCOUNT_FILE": counters})  # fmt: skip
    wait_for(process, port, token)
    request = f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    connections = [measurements.connect(port) for _ in range(64)]

    def turns(count):
        for _ in range(count):
            for connection in connections:
                connection.sendall(request)
            for connection in connections:
                measurements.finish_response(connection)

    turns(20)
    before, exchanges = measurements.allocation_counts(counters), 200 * len(connections)
    turns(200)
    after = measurements.allocation_counts(counters)
    for connection in connections:
        connection.close()
    grown = sum(after[thread] - before.get(thread, 0) for thread in after)
    bench.raw["policy-allocations"] = {"exchanges": exchanges, "allocations": grown}
    yield Figure("heap allocations per exchange, token seen before", round(grown / exchanges, 2), "", 0, 0)


ALL = {"policies": policies, "policy-allocations": policy_allocations}
