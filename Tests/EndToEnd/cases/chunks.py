"""Chunked coding (RFC 9112 §7.1; peers.md §5, classes 5 and 27)."""

from cases.case import either, post, refused_in_body, served

_HEAD = b"Transfer-Encoding: chunked"
_END = b"0\r\n\r\n"


def good(name, body, decoded=b"hello", **expectations):
    return served(name, post(_HEAD, body=body), body=decoded, **expectations)


def doubtful(name, body, *statuses, decoded=b"hello", **expectations):
    return either(name, post(_HEAD, body=body), *statuses, body=decoded, in_body=True, **expectations)


def bad(name, body, *statuses):
    return refused_in_body(name, post(_HEAD, body=body), *statuses)


SIZES = [
    good("one chunk", b"5\r\nhello\r\n" + _END),
    good("five chunks", b"".join(b"1\r\n%c\r\n" % each for each in b"hello") + _END),
    good("no chunk but the last", _END, b""),
    good("leading zeros", b"0005\r\nhello\r\n" + _END),
    good("a last chunk of many zeros", b"5\r\nhello\r\n0000\r\n\r\n"),
    good("a size in capitals", b"A\r\n0123456789\r\n" + _END, b"0123456789"),
    good("a size in lower case", b"a\r\n0123456789\r\n" + _END, b"0123456789"),
    good("data with CRLFs and sizes in it", b"C\r\n\r\n0\r\n\r\n0\r\n\r\n\r\n" + _END, b"\r\n0\r\n\r\n0\r\n\r\n"),
    doubtful("twenty leading zeros", b"0" * 20 + b"5\r\nhello\r\n" + _END),
    doubtful("a space after the size", b"5 \r\nhello\r\n" + _END),
    doubtful("a tab after the size", b"5\t\r\nhello\r\n" + _END),
    *[bad(f"the size {size!r}", size + b"\r\nhello\r\n" + _END) for size in (
        b"", b"+5", b"-5", b"-0", b" 5", b"\t5", b"0x5", b"0X5", b"5h", b"h", b"5.", b"5,", b"\x005", b"5\0", b"5 5", b"5_", b"\xd9\xa5",
        b"\x0b5", b"5\x0b", b'"5"', b"five",
    )],
    *[bad(f"the huge size {size[:20]!r}", size + b"\r\nhello\r\n" + _END, 400, 413) for size in (
        b"7FFFFFFFFFFFFFFF", b"8000000000000000", b"FFFFFFFFFFFFFFFF", b"FFFFFFFFFFFFFFFB", b"10000000000000000", b"10000000000000005",
        b"FFFFFFFFFFFFFFFFF", b"F" * 100, b"1" + b"0" * 300 + b"5",
    )],
]  # fmt: skip

LINES = [
    bad("a LF alone after the size", b"5\nhello\r\n" + _END),
    bad("a CR alone after the size", b"5\rhello\r\n" + _END),
    bad("two CRs after the size", b"5\r\r\nhello\r\n" + _END),
    bad("a LF alone after the data", b"5\r\nhello\n" + _END),
    bad("a CR alone after the data", b"5\r\nhello\r" + _END),
    bad("nothing after the data", b"5\r\nhello" + _END),
    bad("other bytes after the data", b"5\r\nhelloXX" + _END),
    bad("more data than the size", b"5\r\nhelloo\r\n" + _END),
    bad("less data than the size", b"6\r\nhello\r\n" + _END),
    bad("an empty line between chunks", b"5\r\nhello\r\n\r\n" + _END),
    bad("a LF alone after the last size", b"5\r\nhello\r\n0\n\n"),
    bad("a LF alone at the very end", b"5\r\nhello\r\n0\r\n\n"),
    bad("a CR and another byte at the very end", b"5\r\nhello\r\n0\r\n\rX"),
    bad("a request instead of the end", b"5\r\nhello\r\n0\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"),
]

EXTENSIONS = [
    good("an extension", b"5;a=b\r\nhello\r\n" + _END),
    good("an extension without value", b"5;a\r\nhello\r\n" + _END),
    good("several extensions", b"5;a=b;c;d=e\r\nhello\r\n" + _END),
    good("a quoted extension", b'5;a="b;c"\r\nhello\r\n' + _END),
    good("an extension of the last chunk", b"5\r\nhello\r\n0;a=b\r\n\r\n"),
    good("an extension of a hundred bytes", b"5;a=" + b"b" * 96 + b"\r\nhello\r\n" + _END),
    doubtful("white space around an extension", b"5 ; a = b\r\nhello\r\n" + _END),
    doubtful("an extension without name", b"5;\r\nhello\r\n" + _END),
    doubtful("a high byte in an extension", b"5;a=\xe9\r\nhello\r\n" + _END),
    doubtful("an open quote in an extension", b'5;a="b\r\nhello\r\n' + _END),
    bad("a LF in an extension", b"5;a\nb\r\nhello\r\n" + _END),
    bad("a LF at the end of an extension", b"5;a\nhello\r\n" + _END),
    bad("a CR in an extension", b"5;a\rb\r\nhello\r\n" + _END),
    bad("a quoted LF in an extension", b'5;a="\n"\r\nhello\r\n' + _END),
    bad("a NUL in an extension", b"5;a=\0\r\nhello\r\n" + _END),
    bad("a control character in an extension", b"5;a=\x01\r\nhello\r\n" + _END),
    bad("an extension of 64 KiB", b"5;a=" + b"b" * 65_536 + b"\r\nhello\r\n" + _END, 400, 413, 431),
    bad("an extension without end", b"5;" + b"a=b;" * 65_536, 400, 413, 431),
    bad("a small extension in each of 40,000 chunks", b"1;aaaaaaaaaaaaaaaaaaaaaaaa=b\r\nx\r\n" * 40_000, 400, 413, 431),
]

_BODY = b"5\r\nhello\r\n0\r\n"
FORBIDDEN_TRAILERS = (
    b"Content-Length: 5", b"Transfer-Encoding: chunked", b"Host: b", b"Authorization: Basic x", b"Cookie: a=b", b"Connection: close",
    b"X-Forwarded-For: 6.6.6.6", b"X-Forwarded-Host: b", b"Forwarded: for=6.6.6.6", b"Expect: 100-continue", b"Upgrade: h2c",
    b"TE: gzip", b"Trailer: X", b"Keep-Alive: x", b"Proxy-Authorization: x", b"Proxy-Connection: x", b"X_Y: z",
)  # fmt: skip


def forbidden(line):
    name = line.split(b":")[0]
    return doubtful(f"the forbidden trailer {name.decode()}", _BODY + line + b"\r\n\r\n", trailers_lack=(name,))

TRAILERS = [
    good("a trailer", _BODY + b"X-Sum: 1\r\n\r\n"),
    good("an announced trailer", _BODY + b"X-Sum: 1\r\nX-Other: 2\r\n\r\n"),
    *[forbidden(line) for line in FORBIDDEN_TRAILERS],
    bad("a trailer that ends in a LF alone", _BODY + b"X-Sum: 1\n\r\n"),
    bad("a folded trailer", _BODY + b"X-Sum: 1\r\n 2\r\n\r\n"),
    bad("a trailer with a space before the colon", _BODY + b"X-Sum : 1\r\n\r\n"),
    bad("a trailer with a NUL", _BODY + b"X-Sum: \0\r\n\r\n"),
    bad("a trailer with a CR", _BODY + b"X-Sum: 1\r2\r\n\r\n"),
    bad("a trailer without colon", _BODY + b"X-Sum\r\n\r\n"),
    bad("a trailer without name", _BODY + b": 1\r\n\r\n"),
    bad("trailers of 256 KiB", _BODY + (b"X-Sum: " + b"1" * 1000 + b"\r\n") * 256 + b"\r\n", 400, 413, 431),
    bad("two thousand trailers", _BODY + b"X-Sum: 1\r\n" * 2_000 + b"\r\n", 400, 413, 431),
    bad("a trailer without end", _BODY + b"X-Sum: " + b"1" * 262_144, 400, 413, 431),
]
