"""Strict reading of HTTP/1.1 messages from a socket, shared by the origin and the client.

Nothing here is lenient: a peer that sends a bare LF or a wrong chunk makes the reading test fail.
"""

import re
import socket
from dataclasses import dataclass, field

from support.waiting import PATIENCE


class Unfinished(Exception):
    """The peer ended the connection in the middle of a message."""


class Malformed(AssertionError):
    """The peer sent something that is not HTTP/1.1."""


@dataclass
class Fields:
    """Field lines in order, with names as they were sent."""

    lines: list = field(default_factory=list)

    def all(self, name):
        return [value for key, value in self.lines if key.lower() == name.lower()]

    def get(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default

    def one(self, name):
        values = self.all(name)
        assert len(values) == 1, f"expected one {name}, got {values} in {self.lines}"
        return values[0]

    def __contains__(self, name):
        return bool(self.all(name))

    def tokens(self, name):
        """The lower-cased members of a list-valued field."""
        return [token.strip().lower() for value in self.all(name) for token in value.split(b",") if token.strip()]


def parse_fields(lines):
    fields = Fields()
    for line in lines:
        match = re.fullmatch(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*", line, re.DOTALL)
        if not match or re.search(rb"[\x00\r\n]", match.group(2)):
            raise Malformed(f"bad field line {line!r}")
        fields.lines.append((match.group(1), match.group(2)))
    return fields


def split_head(head):
    """The start line and the fields of a head that ends in an empty line."""
    assert head.endswith(b"\r\n\r\n"), head
    start, *lines = head[:-4].split(b"\r\n")
    return start, parse_fields(lines)


class ByteStream:
    """Buffered reads with a deadline; every received byte is also kept in `received`."""

    def __init__(self, sock, patience=PATIENCE):
        self.sock = sock
        self.patience = patience
        self.buffer = bytearray()
        self.received = bytearray()
        self.ended = False
        self.was_reset = False

    def fill(self):
        """Receives once; False at the end of the stream."""
        if self.ended:
            return False
        self.sock.settimeout(self.patience)
        try:
            piece = self.sock.recv(262_144)
        except (ConnectionResetError, BrokenPipeError):
            self.was_reset = True
            piece = b""
        except socket.timeout:
            raise AssertionError(f"no byte for {self.patience:.0f} s; last received: {bytes(self.received[-300:])!r}") from None
        if not piece:
            self.ended = True
            return False
        self.buffer += piece
        self.received += piece
        return True

    def need(self, what):
        if not self.fill():
            raise Unfinished(f"connection ended while reading {what}; buffered {bytes(self.buffer[:300])!r}")

    def take(self, count):
        piece = bytes(self.buffer[:count])
        del self.buffer[:count]
        return piece

    def read_exactly(self, count, what="body"):
        while len(self.buffer) < count:
            self.need(what)
        return self.take(count)

    def read_line(self, what):
        while (end := self.buffer.find(b"\r\n")) < 0:
            self.need(what)
        line = self.take(end + 2)[:-2]
        if b"\n" in line or b"\r" in line:
            raise Malformed(f"bare CR or LF in {what}: {line!r}")
        return line

    def read_head(self, what):
        """A head with its closing empty line, or None when the stream ends before its first byte."""
        while not self.buffer:
            if not self.fill():
                return None
        start = 0
        while (end := self.buffer.find(b"\r\n\r\n", start)) < 0:
            start = max(0, len(self.buffer) - 3)
            self.need(what)
        return self.take(end + 4)

    def read_to_end(self):
        while self.fill():
            pass
        return self.take(len(self.buffer))

    def read_chunked(self):
        """The decoded body and the trailers of a chunked message."""
        body = bytearray()
        while True:
            line = self.read_line("chunk size")
            match = re.fullmatch(rb"([0-9A-Fa-f]{1,16})(;.*)?", line)
            if not match:
                raise Malformed(f"bad chunk line {line!r}")
            size = int(match.group(1), 16)
            if size == 0:
                break
            body += self.read_exactly(size, "chunk data")
            if self.read_exactly(2, "chunk end") != b"\r\n":
                raise Malformed("no CRLF after chunk data")
        lines = []
        while line := self.read_line("trailers"):
            lines.append(line)
        return bytes(body), parse_fields(lines)


def chunked(*pieces, trailers=b""):
    """The chunked coding of `pieces`, each one chunk."""
    coded = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece)
    return coded + b"0\r\n" + trailers + b"\r\n"
