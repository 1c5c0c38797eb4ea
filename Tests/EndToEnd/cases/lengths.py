"""Content-Length and Transfer-Encoding (RFC 9112 §6; peers.md §5, class 1)."""

from cases.case import either, post, refused, served

CL, TE = b"Content-Length: ", b"Transfer-Encoding: "
HELLO = b"5\r\nhello\r\n0\r\n\r\n"
CODED = {b"Transfer-Encoding": b"chunked"}


def counted(value, statuses=(400,), body=b"hello"):
    return refused(f"Content-Length {value[:40]!r}", post(CL + value, body=body), *statuses)


def coded(value, *statuses):
    return refused(f"Transfer-Encoding {value[:40]!r}", post(TE + value, body=HELLO), *statuses)


LENGTHS = [
    served("a body by its length", post(CL + b"5", body=b"hello"), body=b"hello", has={b"Content-Length": b"5"}),
    served("a length of zero", post(CL + b"0"), has={b"Content-Length": b"0"}),
    served("a length with white space around it", post(CL + b" \t5 \t", body=b"hello"), body=b"hello", has={b"Content-Length": b"5"}),
    served("a POST without body", post()),
    served("a GET with a body", post(CL + b"5", body=b"hello", line=b"GET /x HTTP/1.1"), b"GET /x HTTP/1.1", body=b"hello"),
    served("a DELETE with a body", post(CL + b"5", body=b"hello", line=b"DELETE /x HTTP/1.1"), body=b"hello"),
    served("a body that looks like a request", post(CL + b"30", body=b"GET /smuggled HTTP/1.1\r\nHost: "),
           body=b"GET /smuggled HTTP/1.1\r\nHost: "),
    either("a length with leading zeros", post(CL + b"0005", body=b"hello"), body=b"hello"),
    either("a length with very many leading zeros", post(CL + b"0" * 40 + b"5", body=b"hello"), body=b"hello"),
    *[counted(value) for value in (
        b"", b"+5", b"-1", b"-0", b"+0", b"0x5", b"0X5", b"0b101", b"0o5", b"5.0", b"5,5", b"5, 5", b"5, 6", b"5,", b",5", b"5 5", b"5;",
        b"5;a=b", b"1e1", b"5_0", b'"5"', b"'5'", b"five", b"5h", b"h5", b"\x0b5", b"\x0c5", b"5\x0b", b"5\0", b"\0", b"\xd9\xa5",
        b"\xef\xbc\x95", b"NaN", b"()",
    )],
    *[counted(value, (400, 413)) for value in (
        b"9223372036854775807", b"9223372036854775808", b"18446744073709551615", b"18446744073709551616",
        b"18446744073709551621", b"4294967301" * 3, b"9" * 200,
    )],
    refused("two equal lengths", post(CL + b"5", CL + b"5", body=b"hello")),
    refused("two different lengths", post(CL + b"5", CL + b"0", body=b"hello")),
    refused("two lengths in different case", post(CL + b"0", b"content-length: 5", body=b"hello")),
    refused("two lengths apart from each other", post(CL + b"0", b"X-A: 1", CL + b"5", body=b"hello")),
    refused("two lengths of a GET", post(CL + b"0", CL + b"5", body=b"hello", line=b"GET /x HTTP/1.1")),
    refused("a length with a space before the colon", post(b"Content-Length : 5", body=b"hello")),
    refused("a folded length", post(b"Content-Length:", b" 5", body=b"hello")),
    refused("a bad length in HTTP/1.0", post(CL + b"+5", body=b"hello", line=b"POST /x HTTP/1.0")),
    served("a length that an underscore imitates", post(b"Content_Length: 50", CL + b"5", body=b"hello"), body=b"hello",
           has={b"Content-Length": b"5"}, lacks=(b"Content_Length",)),
]  # fmt: skip

CODINGS = [
    served("a chunked body", post(TE + b"chunked", body=HELLO), body=b"hello", has=CODED, lacks=(b"Content-Length",)),
    served("a chunked GET", post(TE + b"chunked", body=HELLO, line=b"GET /x HTTP/1.1"), body=b"hello", has=CODED),
    served("chunked with a capital", post(TE + b"Chunked", body=HELLO), body=b"hello", has=CODED),
    served("chunked in capitals", post(TE + b"CHUNKED", body=HELLO), body=b"hello", has=CODED),
    served("a field name in lower case", post(b"transfer-encoding: chunked", body=HELLO), body=b"hello", has=CODED),
    served("a tab before chunked", post(b"Transfer-Encoding:\tchunked", body=HELLO), body=b"hello", has=CODED),
    served("white space after chunked", post(TE + b"chunked \t", body=HELLO), body=b"hello", has=CODED),
    served("a coding that an underscore imitates", post(b"Transfer_Encoding: chunked", CL + b"5", body=b"hello"), body=b"hello",
           has={b"Content-Length": b"5"}, lacks=(b"Transfer-Encoding", b"Transfer_Encoding")),
    either("an empty list member before chunked", post(TE + b", chunked", body=HELLO), 400, 501, body=b"hello", has=CODED),
    either("an empty list member after chunked", post(TE + b"chunked,", body=HELLO), 400, 501, body=b"hello", has=CODED),
    *[coded(value) for value in (
        b"", b"xchunked", b"chunkedx", b"chunk", b"identity", b"gzip", b"cow", b"chunked, identity", b"chunked, gzip", b"chunked, cow",
        b"chunked identity", b"chunked\0", b"\0chunked", b"\x0bchunked", b"\x0cchunked", b"chunked\x0b", b'"chunked"', b"'chunked'",
        b"chunked;", b"[chunked]", b"chun\xe2\x84\xaaed", b"chunke\xc4\x91", b"chunked\x85", b"\xa0chunked", b"ch unked", b"{chunked}",
    )],
    *[coded(value, 400, 501) for value in (b"chunked, chunked", b"chunked;q=1", b"chunked ; q=1", b'chunked;a="b"', b"identity, chunked")],
    *[coded(value, 501) for value in (b"gzip, chunked", b"deflate, chunked", b"gzip,deflate ,\tchunked", b"cow, chunked")],
    refused("chunked twice", post(TE + b"chunked", TE + b"chunked", body=HELLO), 400, 501),
    refused("chunked, then identity, in two fields", post(TE + b"chunked", TE + b"identity", body=HELLO)),
    refused("chunked, then nothing, in two fields", post(TE + b"chunked", b"Transfer-Encoding:", body=HELLO), 400, 501),
    refused("identity, then chunked, in two fields", post(TE + b"identity", TE + b"chunked", body=HELLO), 400, 501),
    refused("gzip, then chunked, in two fields", post(TE + b"gzip", TE + b"chunked", body=HELLO), 501, 400),
    refused("chunked with a space before the colon", post(b"Transfer-Encoding : chunked", body=HELLO)),
    refused("chunked with a space before the colon, and a length", post(b"Transfer-Encoding : chunked", CL + b"5", body=HELLO)),
    refused("a folded chunked", post(b"Transfer-Encoding:", b" chunked", body=HELLO)),
    refused("chunked behind a CR", post(b"X: y\rTransfer-Encoding: chunked", CL + b"5", body=HELLO)),
    refused("chunked behind a LF", post(b"X: y\nTransfer-Encoding: chunked", CL + b"5", body=HELLO)),
    refused("chunked in HTTP/1.0", post(TE + b"chunked", body=HELLO, line=b"POST /x HTTP/1.0")),
    refused("chunked in a kept-alive HTTP/1.0", post(TE + b"chunked", b"Connection: keep-alive", body=HELLO, line=b"POST /x HTTP/1.0")),
    refused("identity in HTTP/1.0", post(TE + b"identity", CL + b"5", body=b"hello", line=b"POST /x HTTP/1.0")),
]  # fmt: skip

BOTH = [
    refused("a length, then chunked", post(CL + b"5", TE + b"chunked", body=HELLO)),
    refused("chunked, then a length", post(TE + b"chunked", CL + b"5", body=HELLO)),
    refused("a length of zero and chunked", post(CL + b"0", TE + b"chunked", body=b"0\r\n\r\n")),
    refused("the length of the whole chunked body and chunked", post(CL + b"%d" % len(HELLO), TE + b"chunked", body=HELLO)),
    refused("a short length and chunked: CL.TE", post(CL + b"6", TE + b"chunked", body=b"0\r\n\r\nG")),
    refused("a short length and chunked: TE.CL", post(CL + b"4", TE + b"chunked", body=b"5c\r\nGPOST / HTTP/1.1\r\n\r\n0\r\n\r\n")),
    refused("a length and an unknown coding", post(CL + b"5", TE + b"cow", body=b"hello")),
    refused("a length and identity", post(CL + b"5", TE + b"identity", body=b"hello")),
    refused("a length and an empty coding", post(CL + b"5", b"Transfer-Encoding:", body=b"hello")),
    refused("a length and two codings: TE.TE", post(CL + b"4", TE + b"chunked", TE + b"cow", body=HELLO)),
    refused("a bad length and chunked", post(CL + b"x", TE + b"chunked", body=HELLO)),
    refused("both, of a GET", post(CL + b"5", TE + b"chunked", body=HELLO, line=b"GET /x HTTP/1.1")),
    refused("both, in HTTP/1.0", post(CL + b"5", TE + b"chunked", body=HELLO, line=b"POST /x HTTP/1.0")),
    refused("both, with Connection naming the coding", post(b"Connection: Transfer-Encoding", CL + b"5", TE + b"chunked", body=HELLO)),
]
