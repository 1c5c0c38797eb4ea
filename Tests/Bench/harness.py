"""Processes of the bench: started on their core, watched through /proc, and ended by their number."""
import contextlib
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# The proxy has a core of its own; load, origin and this program share the other.
PROXY_CORE, LOAD_CORE = 0, 1


class BenchError(Exception):
    """Something that the user can put right: a missing program, a gateway that does not start."""


def prepare_machine():
    """Pins this program, and with it every process it starts, to the load's core; raises the limit of descriptors."""
    available = sorted(os.sched_getaffinity(0))
    if len(available) < 2:
        raise BenchError("two cores are needed: one for the proxy, one for the load")
    global PROXY_CORE, LOAD_CORE
    PROXY_CORE, LOAD_CORE = available[0], available[1]
    os.sched_setaffinity(0, {LOAD_CORE})
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def compile_c(name, folder, *options):
    target = os.path.join(folder, name + (".so" if "-shared" in options else ""))
    command = ["gcc", "-O2", *options, "-o", target, os.path.join(HERE, name + ".c")]
    if subprocess.run(command).returncode:
        raise BenchError(f"gcc could not build Tests/Bench/{name}.c")
    return target


def free_ports(count):
    """Ports that nobody listens on now. They stay free unless the machine hands one out within the next moment."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Process:
    """A started program and what /proc says about it."""

    def __init__(self, name, command, log, cores=None, environment=None):
        self.name = name
        self.log = log
        program = shutil.which(command[0])
        if not program:
            raise BenchError(f"{command[0]} is not installed")
        # The child inherits the affinity of this thread, so no wrapper stands between the start and the program.
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, cores or before)
        try:
            with open(log, "ab") as output:
                self.started_at = time.monotonic()
                self.popen = subprocess.Popen([program, *command[1:]], stdin=subprocess.DEVNULL, stdout=output,
                                              stderr=output, env=os.environ | (environment or {}))
        finally:
            os.sched_setaffinity(0, before)
        self.pid = self.popen.pid

    def cpu_seconds(self):
        """User and system time of all threads so far, those that ended included."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def resident_bytes(self):
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * PAGE_BYTES

    def thread_name(self, thread):
        try:
            with open(f"/proc/{self.pid}/task/{thread}/comm", encoding="utf-8") as file:
                return file.read().strip()
        except FileNotFoundError:
            return "ended"

    def require_alive(self):
        if self.popen.poll() is not None:
            raise BenchError(f"{self.name} ended with status {self.popen.returncode}:\n{self.last_words()}")

    def last_words(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-8:])

    def wait_until_it_answers(self, port, path, seconds=20, nap=0.02):
        """Waits for a 200, and returns the seconds since the start."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.require_alive()
            try:
                if status_of(port, path) == 200:
                    return time.monotonic() - self.started_at
            except OSError:
                pass
            time.sleep(nap)
        raise BenchError(f"{self.name} does not answer 200 on port {port}{path}:\n{self.last_words()}")

    def end(self):
        """A drain may wait for connections that nobody closes, so a second signal and then the kernel follow."""
        for number, seconds in ((signal.SIGTERM, 2), (signal.SIGTERM, 1), (signal.SIGKILL, 5)):
            if self.popen.poll() is not None:
                return
            self.popen.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(seconds)


def status_of(port, path, timeout=5):
    """One request on a connection of its own, as small as it can be: this also times starts."""
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = connection.recv(64)
    return int(answer[9:12]) if answer[:5] == b"HTTP/" else 0


def fetch(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
        return response.read().decode()


def settled(read, seconds, nap=0.1, same=5):
    """The largest value seen until it has not grown for `same` looks, or until the time is up."""
    largest, quiet, deadline = read(), 0, time.monotonic() + seconds
    while quiet < same and time.monotonic() < deadline:
        time.sleep(nap)
        value = read()
        quiet = 0 if value > largest else quiet + 1
        largest = max(largest, value)
    return largest


class Load(dict):
    """What wrk reported: requests, rate, p50Milliseconds, p99Milliseconds, bad, socketErrors."""


def wrk(port, path, connections, seconds, upload_bytes=None, scheme="http", headers=()):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s"]
    if upload_bytes:
        command += ["-s", os.path.join(HERE, "upload.lua")]
    for header in headers:
        command += ["-H", header]
    command.append(f"{scheme}://127.0.0.1:{port}{path}")
    if upload_bytes:
        command += ["--", str(upload_bytes)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
    if not (done := re.search(r"(\d+) requests in", finished.stdout)):
        raise BenchError(f"wrk failed: {finished.stderr or finished.stdout}")
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", finished.stdout)
    errors = re.search(r"Socket errors: (.*)", finished.stdout)
    return Load(
        requests=int(done.group(1)), rate=int(done.group(1)) / seconds,
        p50Milliseconds=percentile_of(finished.stdout, 50), p99Milliseconds=percentile_of(finished.stdout, 99),
        bad=int(bad.group(1)) if bad else 0, socketErrors=errors.group(1) if errors else "")


def percentile_of(report, percent):
    found = re.search(rf"\s{percent}%\s+([\d.]+)(us|ms|s|m)\b", report)
    return float(found.group(1)) * {"us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4}[found.group(2)] if found else float("nan")


def note(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)
