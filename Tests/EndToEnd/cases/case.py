"""What a case on the raw socket is made of."""

from dataclasses import dataclass, field

#: Follows every hostile input: if it is ever interpreted, the origin sees it or the client gets a second response.
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

#: Follows every good input: it must be answered second, which proves that both sides agree where the first request ended.
AFTER = b"GET /after HTTP/1.1\r\nHost: a\r\n\r\n"


@dataclass(frozen=True)
class Case:
    """`octets` must be refused with one of `statuses`, or, when `statuses` is empty, be served.

    With both `statuses` and `may_serve` the RFCs leave a choice: either outcome is right, each with all of its consequences.
    """

    name: str
    octets: bytes
    statuses: tuple = ()
    may_serve: bool = False
    in_body: bool = False  # The fault is behind the head: the origin may have seen an unfinished request.
    closes: bool = False  # A served request after which the connection ends.
    line: bytes = None  # The request line that the origin sees.
    lines: tuple = ()  # … or one of these.
    body: bytes = b""
    has: dict = field(default_factory=dict)
    lacks: tuple = ()
    trailers_lack: tuple = ()


def refused(name, octets, *statuses):
    return Case(name, octets, statuses or (400,))


def refused_in_body(name, octets, *statuses):
    return Case(name, octets, statuses or (400,), in_body=True)


def served(name, octets, line=None, **expectations):
    return Case(name, octets, line=line, **expectations)


def either(name, octets, *statuses, **expectations):
    return Case(name, octets, statuses or (400,), may_serve=True, **expectations)


def head(line=b"GET /x HTTP/1.1", *fields, host=b"a"):
    """A request head; `host=None` leaves the Host field out."""
    lines = [line] + ([b"Host: " + host] if host is not None else []) + list(fields)
    return b"\r\n".join(lines) + b"\r\n\r\n"


def post(*fields, body=b"", line=b"POST /x HTTP/1.1"):
    return head(line, *fields) + body
