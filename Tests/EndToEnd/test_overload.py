"""Out of descriptors, out of connections, out of pool: the gateway sheds, counts, and resumes by itself."""

import resource
import threading

from support.configuration import configuration, everything_to, forward, upstream
from support.waiting import wait_until
from support.wire import Unfinished


def limit_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def flood(gateway, count):
    return [gateway.client() for _ in range(count)]


def serves(gateway):
    """True when a fresh connection gets its answer."""
    try:
        with gateway.client(patience=2) as client:
            return client.get().status == 200
    except (AssertionError, Unfinished, OSError):
        return False


def test_it_sheds_and_recovers_when_descriptors_run_out(fleet):
    gateway = fleet.gateway(everything_to(fleet.origin()), preexec=limit_descriptors)
    clients = flood(gateway, 120)
    for client in clients:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n")
    # Shed connections end at once; as many as fit stay open.
    wait_until(lambda: count_closed(clients) > 40, "connections were shed", 15)
    for client in clients:
        client.close()
    wait_until(lambda: serves(gateway), "accepting resumed", 20)
    assert gateway.metric("martlet_connections_shed_total") > 0


def count_closed(clients):
    """How many connections the gateway has ended already."""
    count = 0
    for client in clients:
        client.sock.setblocking(False)
        try:
            count += client.sock.recv(1) is not None
        except BlockingIOError:
            pass
        except OSError:
            count += 1
    return count


def test_it_recovers_several_times(fleet):
    gateway = fleet.gateway(everything_to(fleet.origin()), preexec=limit_descriptors)
    for _ in range(3):
        clients = flood(gateway, 100)
        for client in clients:
            client.close()
        wait_until(lambda: serves(gateway), "accepting resumed", 20)
    with gateway.client() as client:
        assert [client.get().status for _ in range(20)] == [200] * 20


def test_connections_beyond_the_limit_are_shed(fleet):
    gateway = fleet.gateway(everything_to(fleet.origin(), limits={"connections": 8}))
    clients = flood(gateway, 8)
    assert [client.get().status for client in clients] == [200] * 8
    with gateway.client() as ninth:
        ninth.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        rest = ninth.stream.read_to_end()
        assert not rest or rest.startswith(b"HTTP/1.1 503"), rest
    assert gateway.metric("martlet_connections_shed_total") >= 1
    assert clients[0].get().status == 200
    clients[0].close()
    wait_until(lambda: serves(gateway), "a freed place is given away")
    for client in clients:
        client.close()


def test_a_full_pool_is_told(fleet):
    gate = threading.Event()
    origin = fleet.origin(lambda exchange: (exchange.wait(gate), exchange.answer()))
    pool = {"connections-max": 2, "idle-max": 2}
    config = configuration({"origin": upstream(origin, pool=pool, queue="off")}, [forward("all")])
    gateway = fleet.gateway(config)
    first, second, third = flood(gateway, 3)
    for client in (first, second):
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    origin.seen(2)
    response = third.get()
    assert response.status == 503 and response.problem_word() == "pool-exhausted"
    gate.set()
    assert [client.read_response().status for client in (first, second)] == [200, 200]
    assert third.get().status == 200 if not third.stream.ended else True


def test_requests_per_connection_end_it_politely(fleet):
    gateway = fleet.gateway(everything_to(fleet.origin(), limits={"requests-per-connection": 3}))
    with gateway.client() as client:
        responses = [client.get() for _ in range(3)]
        assert [b"close" in each.fields.tokens(b"Connection") for each in responses] == [False, False, True]
        client.expect_close()


def test_an_idle_upstream_connection_is_closed_in_time(fleet):
    origin = fleet.origin()
    config = configuration({"origin": upstream(origin, pool={"idle-timeout": "200ms"})}, [forward("all")])
    gateway = fleet.gateway(config)
    with gateway.client() as client:
        assert client.get().status == 200
        wait_until(origin.seen()[0].connection.ended.is_set, "the idle connection was closed")
        gateway.wait_metric("martlet_upstream_connections", 0, state="idle")
        assert client.get().status == 200


def test_no_more_idle_connections_than_the_limit_are_kept(fleet):
    everyone = threading.Barrier(4)
    origin = fleet.origin(lambda exchange: (everyone.wait(15), exchange.answer()))
    config = configuration({"origin": upstream(origin, pool={"idle-max": 1})}, [forward("all")])
    gateway = fleet.gateway(config)
    clients = flood(gateway, 4)
    for client in clients:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert [client.read_response().status for client in clients] == [200] * 4
    gateway.wait_metric("martlet_upstream_connections", 1)


def test_requests_go_round_the_endpoints_by_weight(fleet):
    origins = [fleet.origin(), fleet.origin()]
    endpoints = [{"address": origins[0].address, "weight": 3}, origins[1].address]
    gateway = fleet.gateway(configuration({"origin": {"endpoints": endpoints}}, [forward("all")]))
    with gateway.client() as client:
        assert [client.get().status for _ in range(40)] == [200] * 40
    assert [len(each.exchanges) for each in origins] == [30, 10]


def test_the_endpoint_with_fewer_requests_is_preferred(fleet):
    gate = threading.Event()
    busy, free = fleet.origin(lambda exchange: (exchange.wait(gate), exchange.answer())), fleet.origin()
    config = configuration({"origin": upstream(busy, free, balance="least-requests")}, [forward("all")])
    gateway = fleet.gateway(config)
    waiting = gateway.client()
    served = 0
    while not busy.exchanges:
        waiting.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        served += 1
        wait_until(lambda: busy.exchanges or len(free.exchanges) == served, "an endpoint was chosen")
        if not busy.exchanges:
            assert waiting.read_response().status == 200
    with gateway.client() as client:
        assert [client.get().status for _ in range(20)] == [200] * 20
    assert len(busy.exchanges) == 1
    gate.set()
    assert waiting.read_response().status == 200


def test_an_endpoint_with_a_name_is_found(fleet):
    origin = fleet.origin()
    gateway = fleet.gateway(configuration({"origin": upstream(f"localhost:{origin.port}")}, [forward("all")]))
    wait_until(lambda: serves(gateway), "the name was resolved")
    with gateway.client() as client:
        assert client.get(b"/x").status == 200


def test_one_client_has_so_many_connections_and_no_more(fleet):
    gateway = fleet.gateway(everything_to(fleet.origin(), limits={"connections-per-client": 5}), threads=1)
    clients = flood(gateway, 5)
    assert all(client.get().status == 200 for client in clients)
    assert not serves(gateway)
    assert all(client.get().status == 200 for client in clients)
    clients.pop().close()
    wait_until(lambda: serves(gateway), "there is room for one again")
    assert gateway.metric("martlet_connections_shed_total") >= 1


def test_buffers_are_bounded_as_a_whole_and_recover(fleet):
    gateway = fleet.gateway(
        everything_to(fleet.origin(), limits={"buffers": "1MiB", "request-head": "64KiB"}, timeouts={"request-head": "2s"}),
        threads=1,
    )
    # Each has sent more of a head than a small buffer holds, and stops there.
    clients = flood(gateway, 20)
    for client in clients:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 20_000)
    wait_until(lambda: not serves(gateway), "new connections are shed", 15)
    # After the time for heads the buffers are free again, without a restart.
    wait_until(lambda: serves(gateway), "accepting resumed", 15)
    assert gateway.metric("martlet_connections_shed_total") >= 1
    for client in clients:
        client.close()
