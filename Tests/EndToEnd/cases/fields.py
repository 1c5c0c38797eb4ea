"""Field lines, Host and absolute forms (RFC 9112 §3.2, §5; RFC 9110 §5.5, §7.2; peers.md §5, classes 6, 7, 10)."""

from cases.case import either, head, refused, served

GET = b"GET /x HTTP/1.1"
BAD_NAME_CHARACTERS = {
    "a NUL": b"\0", "a control character": b"\x01", "a space": b" ", "a tab": b"\t", "a parenthesis": b"(", "a quote": b'"',
    "a slash": b"/", "an at sign": b"@", "a bracket": b"[", "a backslash": b"\\", "a brace": b"{", "a comma": b",",
    "a semicolon": b";", "an equals sign": b"=", "a question mark": b"?", "a DEL": b"\x7f", "a high byte": b"\xe9",
    "a CR": b"\r", "a LF": b"\n",
}  # fmt: skip
BAD_VALUE_CHARACTERS = {"a NUL": b"\0", "a bell": b"\x07", "an escape": b"\x1b", "a DEL": b"\x7f", "a CR": b"\r", "a LF": b"\n"}
BAD_HOSTS = [
    b"a b", b"a\tb", b"a/b", b"a@b", b"user:pw@a", b"a?b", b"a#b", b"a\\b", b"a:port", b"a:80:80", b"[::1", b"::1]",
    b"a:-1", b"a:+80", b"a<b", b'a"b', b"a\xe9",
]  # fmt: skip

NAMES = [
    *[refused(f"{what} in a field name", head(GET, b"X-A" + byte + b"b: 1")) for what, byte in BAD_NAME_CHARACTERS.items()],
    *[refused(f"{what} in a field value", head(GET, b"X-A: 1" + byte + b"2")) for what, byte in BAD_VALUE_CHARACTERS.items()],
    refused("a space before the colon", head(GET, b"X-A : 1")),
    refused("a tab before the colon", head(GET, b"X-A\t: 1")),
    refused("a space before the colon of Host", head(GET, b"Host : a", host=None)),
    refused("a folded field with a space", head(GET, b"X-A: 1", b" 2")),
    refused("a folded field with a tab", head(GET, b"X-A: 1", b"\t2")),
    refused("a folded empty field", head(GET, b"X-A:", b" 2")),
    refused("a first field line that begins with a space", b"GET /x HTTP/1.1\r\n Host: a\r\n\r\n"),
    refused("a line of white space instead of the end", b"GET /x HTTP/1.1\r\nHost: a\r\n \r\n\r\n"),
    refused("a field without colon", head(GET, b"X-A")),
    refused("a field without name", head(GET, b": 1")),
    refused("a LF alone after a field", b"GET /x HTTP/1.1\r\nHost: a\nX-A: 1\r\n\r\n"),
    refused("a LF alone as the end of the head", b"GET /x HTTP/1.1\r\nHost: a\r\n\n"),
    refused("two CRs before a LF", b"GET /x HTTP/1.1\r\nHost: a\r\r\n\r\n"),
    refused("a CR alone as the end of a field", b"GET /x HTTP/1.1\r\nHost: a\rX-A: 1\r\n\r\n"),
    served("white space around a value is not part of it", head(GET, b"X-A: \t 1 \t "), has={b"X-A": b"1"}),
    served("no white space before a value", head(GET, b"X-A:1"), has={b"X-A": b"1"}),
    served("an empty value", head(GET, b"X-A:"), has={b"X-A": b""}),
    served("a tab inside a value", head(GET, b"X-A: 1\t2"), has={b"X-A": b"1\t2"}),
    served("high bytes in a value pass unchanged", head(GET, b"X-A: caf\xc3\xa9 \xff"), has={b"X-A": b"caf\xc3\xa9 \xff"}),
    served("a name with every token character", head(GET, b"X!#$%&'*+-.^`|~9: 1"), has={b"X!#$%&'*+-.^`|~9": b"1"}),
    served("a name with an underscore is dropped", head(GET, b"X_A: 1"), lacks=(b"X_A", b"X-A")),
    served("X_Forwarded_For is dropped", head(GET, b"X_Forwarded_For: 6.6.6.6"), lacks=(b"X_Forwarded_For",)),
    served("Content_Length is dropped", head(GET, b"Content_Length: 5"), lacks=(b"Content_Length", b"Content-Length")),
    served("Transfer_Encoding is dropped", head(GET, b"Transfer_Encoding: chunked"), lacks=(b"Transfer_Encoding",)),
    served("a colon in a value", head(GET, b"X-A: b: c"), has={b"X-A": b"b: c"}),
]

HOSTS = [
    refused("no Host", head(GET, host=None)),
    refused("two equal Hosts", head(GET, b"Host: a")),
    refused("two different Hosts", head(GET, b"Host: b")),
    refused("two Hosts in different case", head(GET, b"hOST: b")),
    refused("two Hosts in HTTP/1.0", head(b"GET /x HTTP/1.0", b"Host: b")),
    *[refused(f"the bad Host {host!r}", head(GET, host=host)) for host in BAD_HOSTS],
    either("an empty Host", head(GET, host=b""), 400, 404),
    either("a Host with an empty port", head(GET, host=b"a:")),
    either("a Host with a final dot", head(GET, host=b"a.")),
    either("a Host with a comma, which is a character of names", head(GET, host=b"a,b")),
    either("a Host with an encoded NUL", head(GET, host=b"a%00")),
    either("a Host with a port beyond 65535", head(GET, host=b"a:99999")),
    refused("a Host list", head(GET, host=b"a, b")),
    served("a Host with a port", head(GET, host=b"a:8080"), has={b"Host": b"a:8080"}),
    served("a Host in capitals is forwarded as it is", head(GET, host=b"A.Example"), has={b"Host": b"A.Example"}),
    served("an IPv6 Host", head(GET, host=b"[::1]:80"), has={b"Host": b"[::1]:80"}),
    served("an IPv4 Host", head(GET, host=b"127.0.0.1"), has={b"Host": b"127.0.0.1"}),
]

ABSOLUTE = [
    served("the absolute form wins over Host", head(b"GET http://b/x HTTP/1.1"), b"GET /x HTTP/1.1", has={b"Host": b"b"}),
    served("an absolute form with a port", head(b"GET http://b:81/x HTTP/1.1"), b"GET /x HTTP/1.1", has={b"Host": b"b:81"}),
    served("an absolute form without path", head(b"GET http://b HTTP/1.1"), b"GET / HTTP/1.1", has={b"Host": b"b"}),
    served("an absolute form with only a query", head(b"GET http://b?q=1 HTTP/1.1"), b"GET /?q=1 HTTP/1.1", has={b"Host": b"b"}),
    served("an absolute form in capitals", head(b"GET HTTP://b/x HTTP/1.1"), b"GET /x HTTP/1.1", has={b"Host": b"b"}),
    served("an absolute form is normalised too", head(b"GET http://b/y/../x HTTP/1.1"), b"GET /x HTTP/1.1"),
    served("an absolute form in HTTP/1.0", b"GET http://b/x HTTP/1.0\r\n\r\n", b"GET /x HTTP/1.1", has={b"Host": b"b"}, closes=True),
    refused("an absolute form without Host", head(b"GET http://b/x HTTP/1.1", host=None)),
    refused("an absolute form of another scheme", head(b"GET https://b/x HTTP/1.1"), 421),
    refused("an absolute form of a foreign scheme", head(b"GET ftp://b/x HTTP/1.1"), 400, 421),
    refused("an absolute form without authority", head(b"GET http:///x HTTP/1.1")),
    refused("an absolute form with a bad port", head(b"GET http://b:x/ HTTP/1.1")),
    refused("an absolute form with user information", head(b"GET http://u@b/x HTTP/1.1")),
    refused("an absolute form with one slash", head(b"GET http:/b/x HTTP/1.1")),
    refused("an absolute form with a space", head(b"GET http://b /x HTTP/1.1"), 400, 505),
    refused("an absolute form with a backslash", head(b"GET http://b\\x HTTP/1.1")),
    refused("a scheme without slashes", head(b"GET http:x HTTP/1.1"), 400, 421),
]
