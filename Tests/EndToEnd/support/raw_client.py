"""A client on a raw socket: it sends exactly the bytes it is told to, and reads responses strictly."""

import json
import os
import re
import socket
import struct
import time
from dataclasses import dataclass, field

from support.waiting import PATIENCE
from support.wire import ByteStream, Fields, Malformed, Unfinished, split_head


@dataclass
class Response:
    status: int
    version: bytes
    fields: Fields
    body: bytes = b""
    trailers: Fields = None
    interim: list = field(default_factory=list)

    def problem(self):
        """The problem document of an error answer, checked for its shape."""
        assert self.fields.one(b"Content-Type") == b"application/problem+json", self.fields.lines
        problem = json.loads(self.body)
        assert problem["status"] == self.status, problem
        assert problem["type"].startswith("urn:martlet:problem:"), problem
        assert problem["title"] and problem["stage"] and problem["requestId"], problem
        assert problem["requestId"].encode() == self.fields.one(b"X-Request-Id"), (problem, self.fields.lines)
        return problem

    def problem_word(self):
        return self.problem()["type"].rsplit(":", 1)[1]


def parse_response_head(head):
    start, fields = split_head(head)
    match = re.fullmatch(rb"(HTTP/1\.[01]) ([1-5][0-9][0-9]) ([\t \x21-\x7e\x80-\xff]*)", start)
    if not match:
        raise Malformed(f"bad status line {start!r}")
    return Response(int(match.group(2)), match.group(1), fields)


class RawClient:
    """One connection."""

    def __init__(self, address, receive_buffer=None, patience=PATIENCE):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.sock.settimeout(patience)
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.connect(address)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = ByteStream(self.sock, patience)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    @property
    def name(self):
        """`ip:port` of this side, as the access log writes it."""
        host, port = self.sock.getsockname()
        return f"{host}:{port}"

    def send(self, octets):
        """Sends everything; False when the peer closed first."""
        self.sock.settimeout(self.stream.patience)
        try:
            self.sock.sendall(octets)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def send_in_pieces(self, octets, size=1):
        """Sends `size` bytes at a time, each in its own segment as far as the kernel lets them through."""
        for start in range(0, len(octets), size):
            if not self.send(octets[start : start + size]):
                return False
            os.sched_yield()
        return True

    def read_response(self, method=b"GET"):
        """One response with its interim responses; the body by the framing rules of RFC 9112 §6.3."""
        interim = []
        while True:
            head = self.stream.read_head("response head")
            if head is None:
                raise Unfinished("connection ended instead of a response")
            response = parse_response_head(head)
            if response.status >= 200:
                break
            interim.append(response)
        response.interim = interim
        self._read_body(response, method)
        return response

    def read_head(self):
        """Only the next response head, interim or final."""
        head = self.stream.read_head("response head")
        if head is None:
            raise Unfinished("connection ended instead of a response")
        return parse_response_head(head)

    def _read_body(self, response, method):
        coded, counted = response.fields.all(b"Transfer-Encoding"), response.fields.all(b"Content-Length")
        if len(coded) + len(counted) > 1:
            raise Malformed(f"ambiguous framing reached the client: {response.fields.lines}")
        if response.status in (204, 304):
            if response.status == 204 and (coded or counted):
                raise Malformed("204 with framing fields")
            return
        if method == b"HEAD":
            return
        if coded:
            assert coded[0].lower() == b"chunked" and response.version == b"HTTP/1.1", coded
            response.body, response.trailers = self.stream.read_chunked()
        elif counted:
            response.body = self.stream.read_exactly(int(counted[0]))
        else:
            response.body = self.stream.read_to_end()

    def request(self, octets, method=b"GET"):
        self.send(octets)
        return self.read_response(method)

    def get(self, target=b"/", host=b"a", fields=()):
        lines = [b"GET " + target + b" HTTP/1.1", b"Host: " + host, *fields]
        return self.request(b"\r\n".join(lines) + b"\r\n\r\n")

    def expect_close(self):
        """The peer ends the connection without another byte. A reset counts: unread bytes make the kernel send one."""
        rest = self.stream.read_to_end()
        assert not rest, f"bytes after the last response: {rest[:300]!r}"

    def expect_cut(self, method=b"GET"):
        """The response is visibly unfinished: the stream ends before its framing says so."""
        try:
            response = self.read_response(method)
        except Unfinished:
            return
        raise AssertionError(f"a cut response looked complete: {response}")

    def expect_silence(self):
        """Nothing is there to read right now."""
        self.sock.setblocking(False)
        try:
            piece = self.sock.recv(65_536)
        except BlockingIOError:
            piece = None
        assert piece is None and not self.stream.buffer, f"unexpected {piece!r} {bytes(self.stream.buffer)!r}"

    def expect_alive(self, target=b"/alive", host=b"a"):
        """The connection still serves: a plain request gets a plain answer."""
        response = self.get(target, host)
        assert response.status < 500, response
        return response

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self):
        self.sock.close()

    def push(self, octets, seconds):
        """Sends as much as the peer takes until it takes nothing for `seconds`; returns the count of bytes taken."""
        view, taken = memoryview(octets), 0
        self.sock.setblocking(False)
        last = time.monotonic()
        while taken < len(view) and time.monotonic() - last < seconds:
            try:
                taken += self.sock.send(view[taken : taken + 262_144])
                last = time.monotonic()
            except BlockingIOError:
                os.sched_yield()
            except (BrokenPipeError, ConnectionResetError):
                break
        return taken
