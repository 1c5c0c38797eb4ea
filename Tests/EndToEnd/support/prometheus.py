"""A real Prometheus that scrapes with the configuration of deploy/prometheus."""

import json
import re
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

import yaml

from support.gateway import REPOSITORY
from support.waiting import PATIENCE, wait_until

DEPLOY = REPOSITORY / "deploy" / "prometheus"
_LISTENING = re.compile(r'msg="Listening on" address=(\S+)')


class Prometheus:
    """Ours is changed in two places only: whom it scrapes, and how often."""

    def __init__(self, folder, targets):
        whole = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
        whole["global"] = {"scrape_interval": "500ms", "evaluation_interval": "500ms"}
        whole["rule_files"] = [str(DEPLOY / name) for name in whole["rule_files"]]
        whole["scrape_configs"][0]["static_configs"][0]["targets"] = targets
        configuration = folder / "prometheus.yml"
        configuration.write_text(yaml.safe_dump(whole))
        self.address = None
        self.log = []
        self.process = subprocess.Popen(
            ["prometheus", "--config.file", str(configuration), "--storage.tsdb.path", str(folder / "data"),
             "--web.listen-address", "127.0.0.1:0"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        wait_until(lambda: self.address or self.process.poll() is not None, "Prometheus listens", 20)
        assert self.address, "\n".join(self.log)

    def _read(self):
        for line in self.process.stderr:
            self.log.append(line)
            if match := _LISTENING.search(line):
                self.address = match.group(1)

    def ask(self, path, **parameters):
        """The `data` of an answer; the text of the error when the query is refused."""
        url = f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=2 * PATIENCE) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as refusal:
            raise AssertionError(f"{parameters}: {json.load(refusal)['error']}") from None

    def query(self, expression):
        """The series that an expression has now."""
        return self.ask("query", query=expression)["result"]

    def targets(self):
        return self.ask("targets")["activeTargets"]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(PATIENCE)
