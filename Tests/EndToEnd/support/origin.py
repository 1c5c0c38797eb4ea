"""A scriptable origin on a raw socket. It records every byte that each connection received.

`origin.behaviour` is called with an `OriginExchange` for each request head. It decides everything: when the body is read, what is
answered, whether the connection is closed, reset or left open. The default answers 200 with the body `ok`.
"""

import socket
import struct
import threading

from support.waiting import PATIENCE, wait_for, wait_until
from support.wire import ByteStream, Malformed, Unfinished, split_head


class OriginConnection:
    """One accepted connection."""

    def __init__(self, sock):
        self.sock = sock
        self.stream = ByteStream(sock, patience=10 * PATIENCE)
        self.ended = threading.Event()
        self.finished = False
        self.exchanges = []

    @property
    def received(self):
        return bytes(self.stream.received)

    def send(self, octets):
        try:
            self.sock.sendall(octets)
            return True
        except OSError:
            self.stream.was_reset = True
            return False

    def close(self):
        self.finished = True
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()
        self.ended.set()

    def reset(self):
        """Ends the connection with RST: linger on, zero seconds."""
        self.finished = True
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()
        self.ended.set()

    def half_close(self):
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            # The peer was faster and the connection is gone already.
            pass


class OriginExchange:
    """A request as the origin sees it, and the verbs to answer it."""

    def __init__(self, connection, head):
        self.connection = connection
        self.head = head
        self.line, self.fields = split_head(head)
        self.method, self.target, self.version = self.line.split(b" ")
        self.body = None
        self.raw_body = None
        self.trailers = None
        self.answered = False

    def read_body(self):
        """Reads the body by its framing, once."""
        if self.body is not None:
            return self.body
        stream = self.connection.stream
        before = len(stream.received) - len(stream.buffer)
        if "chunked" in self.framing():
            body, self.trailers = stream.read_chunked()
        else:
            body = stream.read_exactly(int(self.fields.get(b"Content-Length", b"0")))
        self.raw_body = bytes(stream.received[before : len(stream.received) - len(stream.buffer)])
        self.body = body
        return body

    def framing(self):
        coded, counted = self.fields.all(b"Transfer-Encoding"), self.fields.all(b"Content-Length")
        if len(coded) + len(counted) > 1:
            raise Malformed(f"ambiguous framing reached the origin: {self.fields.lines}")
        if coded:
            assert coded[0].lower() == b"chunked", coded
            return "chunked"
        return "counted"

    def send(self, octets):
        self.answered = True
        return self.connection.send(octets)

    def answer(self, status=b"200 OK", body=b"ok", fields=()):
        lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *fields]
        return self.send(b"\r\n".join(lines) + b"\r\n\r\n" + (b"" if self.method == b"HEAD" else body))

    def dribble(self, octets):
        return all(self.send(octets[index : index + 1]) for index in range(len(octets)))

    def wait(self, event, what="the gate of the origin's script"):
        wait_for(event, what)

    def until_end(self):
        """Reads until the peer ends the connection: it has nothing more to say."""
        self.connection.finished = True
        return self.connection.stream.read_to_end()

    def close(self):
        self.connection.close()

    def reset(self):
        self.connection.reset()

    def half_close(self):
        self.connection.half_close()


def say_ok(exchange):
    exchange.read_body()
    exchange.answer()


class Origin:
    """The listening socket, its threads, and what all connections saw since `forget`."""

    def __init__(self, behaviour=say_ok, receive_buffer=None):
        self.behaviour = behaviour
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if receive_buffer:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(512)
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.lock = threading.Lock()
        self.connections = []
        self.exchanges = []
        self.failures = []
        self.accepted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = OriginConnection(sock)
            with self.lock:
                self.connections.append(connection)
                self.accepted += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            self._exchanges_of(connection)
        except (Unfinished, OSError, ValueError):
            pass
        except AssertionError as problem:
            with self.lock:
                self.failures.append(problem)
        connection.close()

    def _exchanges_of(self, connection):
        while not connection.finished and (head := connection.stream.read_head("request head")) is not None:
            exchange = OriginExchange(connection, head)
            connection.exchanges.append(exchange)
            with self.lock:
                self.exchanges.append(exchange)
            self.behaviour(exchange)
            if not connection.finished:
                exchange.read_body()

    def forget(self):
        """Starts a new record; open connections stay as they are."""
        with self.lock:
            self.exchanges = []
            self.failures = []
            self.connections = [each for each in self.connections if not each.ended.is_set()]
            for connection in self.connections:
                stream = connection.stream
                del stream.received[: len(stream.received) - len(stream.buffer)]
        return self

    def behave(self, behaviour):
        self.behaviour = behaviour
        return self.forget()

    def seen(self, count=1, within=8.0):
        """Waits for `count` request heads and returns them."""
        wait_until(lambda: len(self.exchanges) >= count, f"the origin saw {count} requests", within)
        return list(self.exchanges)

    def received(self):
        """All bytes that arrived since `forget`."""
        return b"".join(connection.received for connection in list(self.connections))

    def targets(self):
        return [exchange.target for exchange in list(self.exchanges)]

    def drop_connections(self):
        """Closes every open connection, as a restarted origin would."""
        for connection in list(self.connections):
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def check(self):
        assert not self.failures, self.failures

    def stop(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        self.drop_connections()
