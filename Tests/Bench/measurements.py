"""What is measured. Each measurement takes the bench (bench.py) and yields figures; raw numbers go to `bench.raw`."""
import contextlib
import os
import re
import signal
import socket
import statistics
import struct
import time

import edge
import harness
import policies
from figures import Figure, ratio
from harness import BenchError, note, wrk

PATH = "/api/v1/products/42"
MEBIBYTE = 1 << 20


def proxy(bench):
    """CPU per request at 64 and 256 connections, next to the floor and the peers."""
    servers = {"martlet": bench.gateway(routes=10), "floor": bench.floor(), "nginx": bench.nginx(),
               "haproxy": bench.haproxy()}
    for connections in (64, 256):
        samples = rounds(bench, f"{connections} connections", servers, PATH, connections)
        budgets = {"floor": (1.35, 1.2), "nginx": (0.85, 0.75), "haproxy": (0.85, 0.75)}
        if connections == 256:
            budgets |= {"nginx": (0.75, 0.6), "haproxy": (0.75, 0.6)}
        for peer, (must, aim) in budgets.items():
            yield ratio(f"CPU per request against {peer}, {connections} connections", cpu(samples["martlet"]),
                        cpu(samples[peer]), must, aim)


def routes(bench):
    """The same with 10,000 routes instead of 10."""
    servers = {"10 routes": bench.gateway(routes=10), "10,000 routes": bench.gateway(routes=10_000)}
    samples = rounds(bench, "routes", servers, PATH, 64)
    yield ratio("CPU per request, 10,000 routes against 10", cpu(samples["10,000 routes"]), cpu(samples["10 routes"]),
                1.05, 1.01)


def body(bench):
    """1 MiB responses and 1 MiB uploads, next to nginx."""
    servers = {"martlet": bench.gateway(routes=10), "nginx": bench.nginx()}
    for name, path, upload_bytes in (("1 MiB responses", f"/size/{MEBIBYTE}", None), ("1 MiB uploads", PATH, MEBIBYTE)):
        samples = rounds(bench, name, servers, path, 32, upload_bytes)
        yield ratio(f"CPU per request against nginx, {name}", cpu(samples["martlet"]), cpu(samples["nginx"]), 1.0, 0.9)


def rounds(bench, name, servers, path, connections, upload_bytes=None):
    """Measures the servers in turn, round by round, after a short warm-up of each."""
    for process, port in servers.values():
        wrk(port, path, connections, 1, upload_bytes)
    samples = {server: [] for server in servers}
    for number in range(bench.rounds):
        note(f"{name}: round {number + 1} of {bench.rounds}")
        for server, (process, port) in servers.items():
            before = process.cpu_seconds()
            load = wrk(port, path, connections, bench.seconds, upload_bytes)
            if not load["requests"]:
                raise BenchError(f"{server} answered nothing:\n{process.last_words()}")
            load["cpuMicroseconds"] = (process.cpu_seconds() - before) * 1e6 / load["requests"]
            load["residentMebibytes"] = process.resident_bytes() / MEBIBYTE
            samples[server].append(load)
    bench.keep(name, samples)
    return samples


def cpu(loads):
    return [load["cpuMicroseconds"] for load in loads]


def idle(bench):
    """Resident memory per idle keep-alive connection: each has made one request and stays."""
    wanted = min(10_000, (bench.descriptors - 1_000) if bench.descriptors < 11_000 else 10_000)
    process, port = bench.gateway(routes=10)
    with contextlib.ExitStack() as stack:
        for _ in range(10):
            one_request(stack.enter_context(connect(port)))
        before = harness.settled(process.resident_bytes, 2)
        connections = []
        for _ in range(wanted):
            connections.append(stack.enter_context(connect(port)))
            one_request(connections[-1])
        after = harness.settled(process.resident_bytes, 3)
        for connection in connections[:: max(1, wanted // 50)]:
            one_request(connection)
    bench.raw["idle"] = {"connections": wanted, "residentBefore": before, "residentAfter": after}
    yield Figure(f"resident memory per idle connection ({wanted:,})", (after - before) / wanted / 1024, "KiB", 2, 1)


def connect(port, receive_bytes=None):
    connection = socket.socket()
    if receive_bytes:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


REQUEST = f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def one_request(connection):
    connection.sendall(REQUEST)
    finish_response(connection)


def finish_response(connection):
    """Reads one response with a Content-Length; anything but a 200 ends the measurement."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = connection.recv(16384)
        if not piece:
            raise BenchError("the gateway closed a connection that should have stayed")
        answer += piece
    head, _, rest = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise BenchError(f"the gateway answered {head.splitlines()[0].decode()}")
    left = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head).group(1)) - len(rest)
    while left > 0:
        left -= len(connection.recv(16384)) or left


def start(bench):
    """From the start of the process to its first 200, with 10 routes."""
    times = []
    for _ in range(5 if bench.quick else 20):
        process, port = bench.gateway(routes=10, wait=False)
        times.append(process.wait_until_it_answers(port, PATH, nap=0.0005) * 1e3)
        process.end()
    bench.raw["start"] = {"milliseconds": times}
    yield Figure("start to first 200, 10 routes", statistics.median(times), "ms", 50, 20,
                 f"{min(times):.0f}..{max(times):.0f}")


def reload(bench):
    """A reload of 10,000 routes under a steady load: how long it takes, and what the requests meanwhile notice.

    A calm second stands before each reload, so that both sides of the comparison share the machine's moods."""
    count, reloads = 10_000, (3 if bench.quick else 8)
    process, port = bench.gateway(routes=count, cores=bench.reload_cores)
    records = os.path.join(bench.folder, "paced-records")
    load = bench.start("paced", [bench.paced, str(port), PATH, "32", str(bench.paced_rate), str(reloads * 10), records])
    # The load opens its connections, and the gateway those to the origin, before anything counts.
    time.sleep(1)
    calm, during = [], []
    for generation in range(1, reloads + 1):
        note(f"reload: {generation} of {reloads}")
        rested = time.monotonic()
        time.sleep(1)
        load.require_alive()
        bench.write_gateway_configuration(process, routes=count, generation=generation)
        began = time.monotonic()
        process.popen.send_signal(signal.SIGHUP)
        ended = applied(process, port, generation, began + 6)
        calm.append((rested, rested + 1))
        during.append((began, ended))
        # What the reload leaves behind, the old tables first of all, is gone before the next calm begins.
        time.sleep(0.5)
    load.popen.send_signal(signal.SIGTERM)
    if load.popen.wait(10):
        raise BenchError(f"the paced load failed:\n{load.last_words()}")
    yield from reload_figures(bench, process, records, calm, during)


def applied(process, port, generation, deadline):
    """The instant at which the data plane answers by the new table."""
    with connect(port) as connection:
        while time.monotonic() < deadline:
            connection.sendall(b"GET /generation HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = connection.recv(16384)
            if answer.endswith(f"\r\n\r\n{generation}".encode()):
                return time.monotonic()
            process.require_alive()
            time.sleep(0.002)
    raise BenchError(f"the reload was not applied within 6 s:\n{process.last_words()}")


def reload_figures(bench, process, path, calm_windows, reload_windows):
    with open(path, "rb") as file:
        records = list(struct.iter_unpack("ddq", file.read()))
    calm, during = within(calm_windows, records), within(reload_windows, records)
    failed = sum(status != 200 for due, took, status in records)
    times = [end - start for start, end in reload_windows]
    outcome = reload_counts(bench, process)
    bench.raw["reload"] = {
        "seconds": times, "requestsBefore": len(calm), "requestsDuring": len(during), "failed": failed, "metrics": outcome,
        "p99MillisecondsBefore": p99(calm) * 1e3, "p99MillisecondsDuring": p99(during) * 1e3,
        "longestMillisecondsDuring": max(during, default=0) * 1e3,
    }
    yield Figure("reload of 10,000 routes, until applied", statistics.median(times), "s", 1.5, 0.4,
                 f"{min(times):.2f}..{max(times):.2f}")
    yield Figure("p99 during the reload against before", p99(during) / p99(calm), "x", 1.2, 1.05,
                 f"{p99(during) * 1e3:.2f}/{p99(calm) * 1e3:.2f} ms")
    yield Figure("requests that failed under reloads", failed, "", 0, 0, f"of {len(records):,}")


def within(windows, records):
    """The times that requests took which were due in one of the windows."""
    return [took for due, took, status in records if any(start <= due <= end for start, end in windows)]


def p99(values):
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))] if values else float("nan")


def reload_counts(bench, process):
    text = harness.fetch(bench.admin_port(process), "/metrics")
    return {labels: int(float(value)) for labels, value in re.findall(r"martlet_reloads_total\{([^}]*)\} (\S+)", text)}


def slow_readers(bench):
    """200 clients that take a 50 MiB response at 4 KiB a second."""
    readers, seconds = 200, (4 if bench.quick else 10)
    process, port = bench.gateway(routes=10)
    for _ in range(10):
        harness.status_of(port, PATH)
    before = harness.settled(process.resident_bytes, 2)
    peak, taken = before, 0
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(connect(port, receive_bytes=16384)) for _ in range(readers)]
        for connection in connections:
            connection.sendall(f"GET /size/{50 * MEBIBYTE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            time.sleep(0.25)
            for connection in connections:
                piece = connection.recv(1024)
                if not piece:
                    raise BenchError("the gateway dropped a slow reader")
                taken += len(piece)
            peak = max(peak, process.resident_bytes())
    bench.raw["slow-readers"] = {"residentBefore": before, "residentPeak": peak, "takenBytes": taken}
    yield Figure(f"memory per slow reader of 50 MiB ({readers})", (peak - before) / readers / 1024, "KiB", 128)


def allocations(bench):
    """Heap allocations per exchange once everything is warm: 64 connections, one request after another."""
    counters = os.path.join(bench.folder, "allocations")
    process, port = bench.gateway(
        routes=10, environment={"LD_PRELOAD": bench.alloccount, "ALLOCCOUNT_FILE": counters})
    turns = 100 if bench.quick else 400
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(connect(port)) for _ in range(64)]
        all_round(connections, 20)
        # Nothing is in flight now, so what follows belongs to the exchanges or to the passing of time.
        before, began = allocation_counts(counters), time.monotonic()
        all_round(connections, turns)
        after, ended = allocation_counts(counters), time.monotonic()
    exchanges = turns * len(connections)
    by_thread = {f"{process.thread_name(thread)} ({thread})": after[thread] - before.get(thread, 0) for thread in after}
    bench.raw["allocations"] = {"exchanges": exchanges, "seconds": ended - began, "byThread": by_thread}
    # A timer's few allocations a second are not the exchanges', so less than one in two hundred is none.
    per_exchange = round(sum(by_thread.values()) / exchanges, 2)
    yield Figure("heap allocations per steady exchange", per_exchange, "", 0, 0,
                 ", ".join(f"{name.split(' ')[0]} {count}" for name, count in by_thread.items() if count)[:40])


def all_round(connections, turns):
    for _ in range(turns):
        for connection in connections:
            connection.sendall(REQUEST)
        for connection in connections:
            finish_response(connection)


def allocation_counts(path):
    with open(path, "rb") as file:
        return {thread: count for thread, count, size in struct.iter_unpack("QQQ", file.read()) if thread}


ALL = {
    "proxy": proxy, "routes": routes, "body": body, "idle": idle, "start": start, "reload": reload,
    "slow-readers": slow_readers, "allocations": allocations, **edge.ALL, **policies.ALL,
}
