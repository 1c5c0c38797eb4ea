"""What stands at the edge: TLS, WebSocket, endpoints that die. The same figures as in measurements.py, next to the same peers."""
import contextlib
import os
import socket
import ssl
import struct
import subprocess
import time

import configurations
import harness
from figures import Figure, ratio
from harness import BenchError, note

PATH = "/api/v1/products/42"
MEBIBYTE = 1 << 20


class Certificate:
    """ECDSA P-256, signed by itself: what all servers show."""

    def __init__(self, folder):
        self.chain, self.key = os.path.join(folder, "bench.pem"), os.path.join(folder, "bench.key")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key,
             "-out", self.chain, "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True, capture_output=True)  # fmt: skip
        # HAProxy reads both from one file.
        self.joint = os.path.join(folder, "bench-joint.pem")
        with open(self.joint, "w", encoding="ascii") as joint:
            for part in (self.chain, self.key):
                with open(part, encoding="ascii") as file:
                    joint.write(file.read())


def tls_servers(bench, names=("martlet", "nginx", "haproxy")):
    certificate = Certificate(bench.folder)
    servers = {}
    for name in names:
        port, admin = harness.free_ports(2)
        if name == "martlet":
            path = os.path.join(bench.folder, f"tls-{port}", "routes.yaml")
            os.mkdir(os.path.dirname(path))
            bench.write(path, configurations.martlet(bench.folder, port, admin, bench.origin_port, 10, tls=certificate))
            command = [part.replace("{config}", path) for part in bench.gateway_command]
        elif name == "nginx":
            path = os.path.join(bench.folder, f"nginx-tls-{port}.conf")
            bench.write(path, configurations.nginx(bench.folder, port, bench.origin_port, tls=certificate))
            command = ["nginx", "-e", bench.log("nginx-error"), "-c", path]
        else:
            path = os.path.join(bench.folder, f"haproxy-tls-{port}.cfg")
            bench.write(path, configurations.haproxy(port, bench.origin_port, tls=certificate))
            command = ["haproxy", "-db", "-f", path]
        process = bench.start(f"{name}-tls", command, {harness.PROXY_CORE})
        wait_for_tls(process, port)
        servers[name] = (process, port)
    return servers


def wait_for_tls(process, port, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        process.require_alive()
        try:
            with connect(port) as client:
                one_request(client)
                return
        except (OSError, ssl.SSLError):
            time.sleep(0.02)
    raise BenchError(f"no TLS on port {port}:\n{process.last_words()}")


def context():
    made = ssl.create_default_context()
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


CONTEXT = context()


def connect(port):
    return CONTEXT.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=10), server_hostname="localhost")


def one_request(client):
    client.sendall(f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    received = b""
    while b"\r\n\r\n" not in received:
        piece = client.recv(65_536)
        if not piece:
            raise OSError("closed")
        received += piece


def tls(bench):
    """TLS 1.3 keep-alive requests, next to nginx and HAProxy."""
    servers = tls_servers(bench)
    samples = {name: [] for name in servers}
    for number in range(bench.rounds + 1):
        note(f"TLS keep-alive: round {number} of {bench.rounds}")
        for name, (process, port) in servers.items():
            before = process.cpu_seconds()
            load = harness.wrk(port, PATH, 64, bench.seconds, scheme="https")
            load["cpuMicroseconds"] = (process.cpu_seconds() - before) * 1e6 / max(1, load["requests"])
            load["residentMebibytes"] = process.resident_bytes() / MEBIBYTE
            if number > 0:
                samples[name].append(load)
    bench.keep("TLS 1.3 keep-alive, 64 connections", samples)
    for peer in ("nginx", "haproxy"):
        yield ratio(f"TLS 1.3 keep-alive requests, CPU against {peer}", cpu(samples["martlet"]), cpu(samples[peer]), 0.95, 0.8)


def handshakes(bench):
    """Full and resumed TLS 1.3 handshakes, each with one request, next to nginx. openssl's own client makes them."""
    servers = tls_servers(bench, ("martlet", "nginx"))
    for kind, option in (("full", "-new"), ("resumed", "-reuse")):
        costs = {name: [] for name in servers}
        for number in range(bench.rounds):
            note(f"{kind} handshakes: round {number + 1} of {bench.rounds}")
            for name, (process, port) in servers.items():
                costs[name].append(cost_of_handshakes(process, port, option, max(2, bench.seconds)))
        bench.raw[f"{kind} handshakes"] = costs
        note(", ".join(f"{name} {sorted(values)[len(values) // 2]:.0f} us" for name, values in costs.items()))
        yield ratio(f"{kind} TLS 1.3 handshakes, CPU against nginx", costs["martlet"], costs["nginx"], 1.05, 0.95)


def cost_of_handshakes(process, port, option, seconds):
    before = process.cpu_seconds()
    done = subprocess.run(
        ["openssl", "s_time", "-connect", f"127.0.0.1:{port}", option, "-time", str(seconds),
         "-www", PATH], capture_output=True, text=True, timeout=seconds + 30, check=False)  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if " connections in " in line and "real" in line]
    count = int(lines[-1].split()[0]) if lines else 0
    if count == 0:
        raise BenchError(f"no handshake came about: {done.stdout[-300:]} {done.stderr[-300:]}")
    return (process.cpu_seconds() - before) * 1e6 / count


def tls_idle(bench):
    """Resident memory with 10,000 idle TLS connections, next to nginx. Each has made one request."""
    wanted = min(10_000, bench.descriptors - 1_000)
    grown = {}
    for name in ("martlet", "nginx"):
        (process, port), = tls_servers(bench, (name,)).values()
        with contextlib.ExitStack() as stack:
            for _ in range(10):
                one_request(stack.enter_context(connect(port)))
            before = harness.settled(process.resident_bytes, 2)
            for number in range(wanted):
                one_request(stack.enter_context(connect(port)))
                if number % 2_500 == 0:
                    note(f"{name}: {number} TLS connections")
            grown[name] = harness.settled(process.resident_bytes, 3) - before
    bench.raw["tls-idle"] = {"connections": wanted, **grown}
    note(", ".join(f"{name} {value / wanted / 1024:.1f} KiB each" for name, value in grown.items()))
    yield Figure(f"resident memory of {wanted:,} idle TLS connections against nginx", grown["martlet"] / grown["nginx"], must=1.0, aim=0.7)


def websocket(bench):
    """Echoes of 64 bytes over 64 WebSockets, next to nginx."""
    echo_port, = harness.free_ports(1)
    program = harness.compile_c("echo", bench.folder)
    bench.start("echo", [program, "origin", str(echo_port)])
    time.sleep(0.2)
    servers = {"martlet": plain(bench, "martlet", echo_port), "nginx": plain(bench, "nginx", echo_port)}
    costs = {name: [] for name in servers}
    for number in range(bench.rounds):
        note(f"WebSocket: round {number + 1} of {bench.rounds}")
        for name, (process, port) in servers.items():
            before = process.cpu_seconds()
            done = subprocess.run(
                [program, "client", str(port), "64", str(bench.seconds)],
                capture_output=True, text=True, timeout=60, check=False)
            messages = int(done.stdout or 0)
            if messages == 0:
                raise BenchError(f"{name} echoed nothing: {done.stderr}\n{process.last_words()}")
            costs[name].append((process.cpu_seconds() - before) * 1e6 / messages)
    bench.raw["websocket"] = costs
    note(", ".join(f"{name} {sorted(values)[len(values) // 2]:.1f} us" for name, values in costs.items()))
    yield ratio("WebSocket echo of 64 B, CPU for each message against nginx", costs["martlet"], costs["nginx"], 0.9, 0.7)


def plain(bench, name, origin_port):
    port, admin = harness.free_ports(2)
    if name == "martlet":
        path = os.path.join(bench.folder, f"ws-{port}", "routes.yaml")
        os.mkdir(os.path.dirname(path))
        bench.write(path, configurations.martlet(bench.folder, port, admin, origin_port, 10))
        command = [part.replace("{config}", path) for part in bench.gateway_command]
    else:
        path = os.path.join(bench.folder, f"nginx-ws-{port}.conf")
        bench.write(path, configurations.nginx(bench.folder, port, origin_port, websocket=True))
        command = ["nginx", "-e", bench.log("nginx-error"), "-c", path]
    process = bench.start(f"{name}-ws", command, {harness.PROXY_CORE})
    end = time.monotonic() + 10
    while time.monotonic() < end:
        process.require_alive()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return process, port
        time.sleep(0.02)
    raise BenchError(f"{name} does not listen:\n{process.last_words()}")


def failover(bench):
    """One of two endpoints is killed under a steady load: what fails, and p99 in the second after against before."""
    ports = harness.free_ports(2)
    program = harness.compile_c("origin", bench.folder)
    origins = [bench.start(f"origin-{port}", [program, str(port)]) for port in ports]
    port, admin = harness.free_ports(2)
    path = os.path.join(bench.folder, f"failover-{port}", "routes.yaml")
    os.mkdir(os.path.dirname(path))
    bench.write(path, configurations.martlet(bench.folder, port, admin, ports[0], 10, other_origin_port=ports[1]))
    process, port = bench.proxy("martlet-failover", [part.replace("{config}", path) for part in bench.gateway_command], port)
    records = os.path.join(bench.folder, "failover-records")
    load = bench.start("failover-load", [bench.paced, str(port), PATH, "32", str(bench.paced_rate), "5", records])
    time.sleep(2.5)
    killed = time.monotonic()
    origins[0].popen.kill()
    load.popen.wait(30)
    before, after, failed = latencies(records, killed)
    bench.raw["failover"] = {"p99Before": before, "p99After": after, "failed": failed}
    note(f"p99 {before:.2f} ms before, {after:.2f} ms in the second after")
    yield Figure("requests that failed when one of two endpoints was killed", failed, "", 0, 0)
    yield Figure("p99 in the second after against before", after / before, must=3, aim=1.5)


def latencies(records, killed):
    """p99 in the second before and the second after, in milliseconds, and how many requests of all failed."""
    with open(records, "rb") as file:
        rows = list(struct.iter_unpack("<ddq", file.read()))

    def p99(start, end):
        times = sorted(took for due, took, _ in rows if start <= due < end)
        if not times:
            raise BenchError("no request in that second")
        return times[int(len(times) * 0.99)] * 1e3

    return p99(killed - 1, killed), p99(killed, killed + 1), sum(1 for _, _, status in rows if status != 200)


def cpu(loads):
    return [load["cpuMicroseconds"] for load in loads]


ALL = {"tls": tls, "handshakes": handshakes, "tls-idle": tls_idle, "websocket": websocket, "failover": failover}
