"""The real gateway process: start, reload, stop, and the windows into it (metrics, access log, admin)."""

import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import threading

from support.configuration import yaml
from support.metrics import Metrics
from support.raw_client import RawClient
from support.waiting import PATIENCE, SLOW, wait_until

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
BINARY = (REPOSITORY / os.environ.get("MARTLET", ".build/debug/martlet")).resolve()
CRASH_TEXTS = ("Fatal error", "AddressSanitizer", "ThreadSanitizer", "LeakSanitizer", "Program crashed", "Thread 0 crashed")
_LISTENING = re.compile(r"martlet: listening on https?://(\S+):(\d+) \(listener (\S+)\)")
_ADMIN = re.compile(r"martlet: admin on http://(\S+):(\d+)")


def run_command(*arguments, folder=None, patience=PATIENCE):
    """Runs a short `martlet` command to its end."""
    return subprocess.run(
        [str(BINARY), *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=2 * patience, check=False
    )


class Gateway:
    """One `martlet run`. Use `start_gateway` (conftest) so that it is checked and stopped."""

    def __init__(self, folder, config, threads=1, preexec=None, environment=None, arguments=(), inherited=()):
        self.folder = pathlib.Path(folder)
        self.config_path = self.folder / "routes.yaml"
        self.write_config(config)
        self.stderr_lines = []
        self.stdout_lines = []
        self.listeners = {}
        self.admin = None
        self.ready = threading.Event()
        command = [str(BINARY), "run", "--config", str(self.config_path), "--threads", str(threads), *arguments]
        if inherited:
            # What the service manager passes on begins at descriptor 3, and is meant for the process that it becomes.
            moves = " ".join(f"{place}<&{number}" for place, number in enumerate(inherited, start=3))
            command = ["bash", "-c", f'export LISTEN_PID=$$; exec "$@" {moves}', "-", *command]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, preexec_fn=preexec, pass_fds=inherited,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stderr, self._read_stderr), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stdout, self.stdout_lines.append), daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self._await_ready()

    def _await_ready(self):
        wait_until(lambda: self.ready.is_set() or self.process.poll() is not None, "the gateway is ready", 20)
        if not self.ready.is_set():
            for reader in self._readers:
                reader.join(PATIENCE)
            raise AssertionError(f"the gateway did not start, exit {self.process.returncode}:\n" + self.stderr())

    def _read(self, pipe, keep):
        for line in pipe:
            keep(line.decode("utf-8", "surrogateescape").rstrip("\n"))

    def _read_stderr(self, line):
        self.stderr_lines.append(line)
        if match := _LISTENING.search(line):
            self.listeners[match.group(3)] = (match.group(1).strip("[]"), int(match.group(2)))
        elif match := _ADMIN.search(line):
            self.admin = (match.group(1).strip("[]"), int(match.group(2)))
        elif line.startswith("martlet: ready"):
            self.ready.set()

    # What it says and does

    @property
    def address(self):
        return next(iter(self.listeners.values()))

    def url(self, path="/"):
        return "http://%s:%d%s" % (*self.address, path)

    def client(self, **options):
        return RawClient(self.address, **options)

    def stderr(self):
        return "\n".join(self.stderr_lines)

    def get_admin(self, path):
        """Status and text of an admin page."""
        connection = http.client.HTTPConnection(*self.admin, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def metrics(self):
        status, text = self.get_admin("/metrics")
        assert status == 200, text
        return Metrics(text)

    def metric(self, name, **labels):
        return self.metrics().of(name, **labels)

    def wait_metric(self, name, value, within=8.0, **labels):
        wait_until(lambda: self.metric(name, **labels) == value, f"{name}{labels} is {value}", within)

    def access_records(self):
        """The finished lines of the access log file, each parsed."""
        path = self.folder / "access.log"
        text = path.read_bytes().decode("utf-8") if path.exists() else ""
        return [json.loads(line) for line in text.split("\n")[:-1]]

    def wait_access_record(self, condition, what="an access record"):
        return wait_until(lambda: next((each for each in self.access_records() if condition(each)), None), what)

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))

    def open_descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    # What it is told

    def write_config(self, config, in_place=False):
        """Writes routes.yaml: by renaming a new file over it, as editors do, or in place."""
        text = config if isinstance(config, str) else yaml(config)
        if in_place:
            self.config_path.write_text(text)
            return
        fresh = self.folder / ".routes.yaml.new"
        fresh.write_text(text)
        fresh.rename(self.config_path)

    def signal(self, number):
        self.process.send_signal(number)

    def command(self, *arguments):
        return run_command(*arguments, "--config", self.config_path, folder=self.folder)

    def check(self):
        """Alive, and nothing on stderr that smells of a crash."""
        assert self.process.poll() is None, f"the gateway died, exit {self.process.returncode}:\n{self.stderr()}"
        self.check_stderr()

    def check_stderr(self):
        text = self.stderr()
        for crash in CRASH_TEXTS:
            assert crash not in text, text

    def wait_exit(self, within=15.0):
        try:
            code = self.process.wait(within * SLOW)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the gateway did not exit:\n{self.stderr()}") from None
        for reader in self._readers:
            reader.join(PATIENCE)
        return code

    def stop(self):
        """SIGTERM must lead to exit 0."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            code = self.wait_exit()
            assert code == 0, f"exit {code} after SIGTERM:\n{self.stderr()}"
        self.check_stderr()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
