"""Reload by signal, by command and by the file: whole or not at all, and nobody notices."""

import signal
import threading

import pytest

from cases.case import head, post
from support.configuration import configuration, forward, respond, upstream
from support.gateway import run_command
from support.waiting import wait_until

MANY = 1_000


def table(origin, word, extra=0):
    """A forwarding route, an answering one that says `word`, and `extra` more."""
    routes = [forward("all"), respond("word", 200, word, path="/word")]
    routes += [forward(f"more-{number}", path=f"/more/{number}/{{id}}") for number in range(extra)]
    return configuration({"origin": upstream(origin)}, routes)


@pytest.fixture
def gateway(fleet, module_origin):
    return fleet.gateway(table(module_origin, "old"), threads=2)


def says(gateway, word):
    with gateway.client() as client:
        return client.get(b"/word").body == word.encode()


def await_word(gateway, word):
    """Both shards have the new table: many fresh connections agree."""
    wait_until(lambda: all(says(gateway, word) for _ in range(16)), f"the new table says {word}", 15)


def test_sighup_reloads(gateway, module_origin):
    gateway.write_config(table(module_origin, "new"))
    gateway.signal(signal.SIGHUP)
    await_word(gateway, "new")
    assert gateway.metric("martlet_configuration_last_reload_successful") == 1
    wait_until(lambda: gateway.metric("martlet_reloads_total", outcome="applied") >= 1, "the reload is counted")


def test_the_command_reloads_and_returns_when_it_is_done(gateway, module_origin):
    gateway.write_config(table(module_origin, "new", extra=100))
    result = gateway.command("reload")
    assert result.returncode == 0, result.stderr
    assert all(says(gateway, "new") for _ in range(16))
    assert gateway.metric("martlet_configuration_routes") == 102


@pytest.mark.parametrize("in_place", [False, True], ids=["renamed over", "written in place"])
def test_a_change_of_the_file_reloads(gateway, module_origin, in_place):
    for word in ("new", "newer", "newest"):
        gateway.write_config(table(module_origin, word), in_place=in_place)
        await_word(gateway, word)


def test_a_file_moved_away_and_back_reloads(gateway, module_origin):
    gateway.config_path.rename(gateway.folder / "routes.bak")
    gateway.write_config(table(module_origin, "new"))
    await_word(gateway, "new")


def test_a_refused_reload_changes_nothing_and_is_told_everywhere(gateway, module_origin):
    text = 'version: 1\nlisteners: [{name: public, address: "127.0.0.1:0"}]\nroutes:\n  - id: word\n    forward: nowhere\n'
    gateway.write_config(text)
    wait_until(lambda: gateway.metric("martlet_reloads_total", outcome="refused") >= 1, "the bad file was seen")
    result = gateway.command("reload")
    assert result.returncode == 1 and "routes.yaml:5:" in result.stderr + result.stdout, (result.stdout, result.stderr)
    assert "nowhere" in result.stderr + result.stdout
    assert all(says(gateway, "old") for _ in range(16))
    status, ready = gateway.get_admin("/readyz")
    assert status == 200 and ready.startswith("ready; last reload refused"), ready
    assert gateway.metric("martlet_configuration_last_reload_successful") == 0
    wait_until(lambda: "routes.yaml:5:" in gateway.stderr() or "nowhere" in gateway.stderr(), "the log tells it")
    gateway.write_config(table(module_origin, "new"))
    await_word(gateway, "new")
    wait_until(lambda: gateway.get_admin("/readyz")[1].strip() == "ready", "readyz is plain again")
    assert gateway.metric("martlet_configuration_last_reload_successful") == 1


def test_a_removed_file_changes_nothing(gateway):
    gateway.config_path.unlink()
    result = gateway.command("reload")
    assert result.returncode in (1, 2), (result.stdout, result.stderr)
    assert says(gateway, "old")


def test_a_stream_in_progress_survives_a_reload(gateway, origin, module_origin):
    gate = threading.Event()

    def stream(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        exchange.wait(gate)
        exchange.send(b"3\r\ntwo\r\n0\r\n\r\n")

    origin.behave(stream)
    with gateway.client() as client:
        client.send(head())
        assert client.read_head().status == 200
        # The route of the stream and its upstream are gone in the new table.
        gateway.write_config(configuration({}, [respond("word", 200, "new", path="/word")]))
        await_word(gateway, "new")
        gate.set()
        assert client.stream.read_chunked()[0] == b"onetwo"
        assert client.get(b"/x").status == 404
    origin.check()


def test_an_upload_in_progress_survives_a_reload(gateway, origin, module_origin):
    with gateway.client() as client:
        client.send(post(b"Content-Length: 6", body=b"one"))
        origin.seen()
        gateway.write_config(configuration({}, [respond("word", 200, "new", path="/word")]))
        await_word(gateway, "new")
        client.send(b"two")
        assert client.read_response().body == b"ok"
    assert origin.exchanges[0].body == b"onetwo"


def test_an_unchanged_upstream_keeps_its_connections(gateway, origin, module_origin):
    with gateway.client() as client:
        client.get(b"/before")
        gateway.write_config(table(module_origin, "new", extra=5))
        await_word(gateway, "new")
        client.get(b"/after")
    before, after = origin.seen(2)
    assert before.connection is after.connection


def test_a_kept_connection_sees_the_new_table_at_its_next_request(gateway, module_origin):
    with gateway.client() as client:
        assert client.get(b"/word").body == b"old"
        gateway.write_config(table(module_origin, "new"))
        assert gateway.command("reload").returncode == 0
        assert client.get(b"/word").body == b"new"


def test_the_routes_of_a_removed_upstream_close_its_pool(gateway, origin, module_origin):
    with gateway.client() as client:
        client.get(b"/x")
    gateway.write_config(configuration({}, [respond("word", 200, "new", path="/word")]))
    await_word(gateway, "new")
    wait_until(lambda: all(each.ended.is_set() for each in module_origin.connections), "the pool of the removed upstream is closed")


class ConstantLoad:
    """Keep-alive clients that never stop asking; any answer but 200 is a failure."""

    def __init__(self, gateway, clients=6):
        self.gateway = gateway
        self.stop = threading.Event()
        self.failures = []
        self.served = [0] * clients
        self.threads = [threading.Thread(target=self._ask, args=(number,), daemon=True) for number in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join(30)

    def _ask(self, number):
        try:
            while not self.stop.is_set():
                with self.gateway.client() as client:
                    for request in range(50):
                        target = b"/more/%d/x" % (request % 10) if number % 2 else b"/word"
                        response = client.get(target)
                        assert response.status == 200, response
                        self.served[number] += 1
        except Exception as problem:  # Whatever goes wrong in the thread is the test's to tell.
            self.failures.append(repr(problem))

    def progress(self):
        """Waits until each client was served some more."""
        goal = [count + 20 for count in self.served]
        wait_until(
            lambda: self.failures or all(count >= least for count, least in zip(self.served, goal)), "every client made progress", 20
        )


def test_a_reload_under_constant_load_fails_no_request(gateway, module_origin):
    with ConstantLoad(gateway) as load:
        for number in range(4):
            load.progress()
            gateway.write_config(table(module_origin, f"word-{number}", extra=MANY + number))
            result = gateway.command("reload")
            assert result.returncode == 0, result.stderr
        load.progress()
    assert not load.failures, load.failures
    assert gateway.metric("martlet_configuration_routes") == MANY + 5


def test_reloads_in_a_row_end_with_the_last_file(gateway, module_origin):
    for number in range(20):
        gateway.write_config(table(module_origin, f"word-{number}"))
        gateway.signal(signal.SIGHUP)
    await_word(gateway, "word-19")


def test_a_listener_that_changes_its_address_is_reported_or_applied(gateway, module_origin):
    config = table(module_origin, "new")
    config["listeners"] = [{"name": "public", "address": "127.0.0.1:0"}, {"name": "second", "address": "127.0.0.1:0"}]
    gateway.write_config(config)
    result = gateway.command("reload")
    assert result.returncode in (0, 1)
    assert says(gateway, "new" if result.returncode == 0 else "old")


def test_another_configuration_s_gateway_is_not_reached(gateway, tmp_path):
    other = tmp_path / "routes.yaml"
    other.write_text(gateway.config_path.read_text())
    assert run_command("reload", "--config", other).returncode == 2
