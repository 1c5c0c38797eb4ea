"""Paths (RFC 3986 §5.2.4, §6.2.2; peers.md §5, class 11)."""

from cases.case import either, head, refused, served


def becomes(path, forwarded):
    return served(f"{path!r} becomes {forwarded!r}", head(b"GET " + path + b" HTTP/1.1"), b"GET " + forwarded + b" HTTP/1.1")


def stays(path):
    return becomes(path, path)


def is_refused(path):
    return refused(f"{path!r} is refused", head(b"GET " + path + b" HTTP/1.1"))


def is_refused_or(path, *forwarded):
    lines = tuple(b"GET " + each + b" HTTP/1.1" for each in forwarded or (path,))
    return either(f"{path!r} is refused or passes", head(b"GET " + path + b" HTTP/1.1"), lines=lines)


CASES = [
    # Nothing to change.
    *[stays(path) for path in (
        b"/", b"/a", b"/a/", b"//a", b"/a//b", b"/a///", b"/...", b"/..a", b"/a..", b"/.a", b"/a.", b"/a/.../b", b"/a;b=c", b"/a;b/c",
        b"/a%20b", b"/%25", b"/%2525", b"/%252e%252e/a", b"/a/%252e%252e%252fb", b"/a%252fb", b"/%E2%82%AC", b"/a+b", b"/a:b",
        b"/a@b", b"/a,b", b"/a'b", b"/a(b)", b"/a!b", b"/a$b", b"/a&b", b"/a*b", b"/a=b", b"/%3F", b"/%23", b"/%26", b"/%3B",
        b"/a?b", b"/a?b=c&d=%2F", b"/a?b=/../c", b"/a?b=%2e%2e%2f", b"/a?%61", b"/a?b?c", b"/a?b=//c", b"/?a", b"/a?b=\\", b"/a?b=[c]",
    )],
    # Dot segments.
    becomes(b"/a/./b", b"/a/b"),
    becomes(b"/./a", b"/a"),
    becomes(b"/.", b"/"),
    becomes(b"/a/.", b"/a/"),
    becomes(b"/a/../b", b"/b"),
    becomes(b"/a/..", b"/"),
    becomes(b"/a/b/..", b"/a/"),
    becomes(b"/a/b/../../c", b"/c"),
    becomes(b"/a/./../b", b"/b"),
    becomes(b"/a//../b", b"/a/b"),
    becomes(b"/a/../b?c=../d", b"/b?c=../d"),
    becomes(b"/a/b/./././../c", b"/a/c"),
    becomes(b"/%2e/a", b"/a"),
    becomes(b"/a/%2E%2e/b", b"/b"),
    becomes(b"/a/.%2e/b", b"/b"),
    becomes(b"/a/%2e./b", b"/b"),
    becomes(b"/a/%2e%2e", b"/"),
    # Escapes.
    becomes(b"/%61", b"/a"),
    becomes(b"/%41%5A%30%39%2D%2e%5f%7E", b"/AZ09-._~"),
    becomes(b"/a%3ab", b"/a%3Ab"),
    becomes(b"/%e2%82%ac", b"/%E2%82%AC"),
    becomes(b"/%3f%23", b"/%3F%23"),
    # Above the root.
    *[is_refused(path) for path in (
        b"/..", b"/../", b"/../a", b"/a/../..", b"/a/../../b", b"/%2e%2e/a", b"/.%2e/a", b"/a/%2e%2e/%2e%2e/b", b"/./../a", b"/a/b/../../../c",
    )],
    # Bytes that another server may read as a separator or an end.
    *[is_refused(path) for path in (
        b"/a%2Fb", b"/a%2fb", b"/%2f", b"/a/..%2fb", b"/a/..%2f..%2fb", b"/%2e%2e%2fa", b"/a%5Cb", b"/a%5cb", b"/a\\b", b"/..\\a",
        b"/a/..\\b", b"/a/..%5cb", b"/%00", b"/a%00", b"/a%00.jpg", b"/a/%00/../b",
    )],
    # Dot segments with parameters.
    *[is_refused(path) for path in (
        b"/a/..;/b", b"/..;/a", b"/a/.;/b", b"/a/..;x=y/b", b"/a/%2e%2e;/b", b"/a/..;", b"/a/.%2e;x", b"/a/.;x",
    )],
    # Broken escapes.
    *[is_refused(path) for path in (
        b"/%", b"/a%", b"/%4", b"/%zz", b"/%2", b"/%2g", b"/%g2", b"/%%", b"/%%32%65", b"/%u002e%u002e/a", b"/%-1", b"/% 20", b"/%\xe9",
    ) if b" " not in path],
    # The RFCs leave a choice; whatever passes must pass as the same escapes.
    is_refused_or(b"/a/..%3b/b", b"/a/..%3B/b"),
    is_refused_or(b"/%c0%ae%c0%ae/a", b"/%C0%AE%C0%AE/a"),
    is_refused_or(b"/a%c0%afb", b"/a%C0%AFb"),
    is_refused_or(b"/%e0%80%ae%e0%80%ae/a", b"/%E0%80%AE%E0%80%AE/a"),
    is_refused_or(b"/%ef%bc%8e%ef%bc%8e/a", b"/%EF%BC%8E%EF%BC%8E/a"),
    is_refused_or(b"/a%0d%0aX:%20y", b"/a%0D%0AX:%20y"),
    is_refused_or(b"/a%01", b"/a%01"),
    is_refused_or(b"/a%7f", b"/a%7F"),
    is_refused_or(b"/a%80", b"/a%80"),
    is_refused_or(b"/caf\xc3\xa9", b"/caf\xc3\xa9", b"/caf%C3%A9"),
    is_refused_or(b"/\xff", b"/\xff", b"/%FF"),
    is_refused_or(b'/a"b', b'/a"b', b"/a%22b"),
    is_refused_or(b"/a<b>", b"/a<b>", b"/a%3Cb%3E"),
    is_refused_or(b"/a{b}", b"/a{b}", b"/a%7Bb%7D"),
    is_refused_or(b"/a|b", b"/a|b", b"/a%7Cb"),
    is_refused_or(b"/a^b", b"/a^b", b"/a%5Eb"),
    is_refused_or(b"/a`b", b"/a`b", b"/a%60b"),
    is_refused_or(b"/a[b]", b"/a[b]", b"/a%5Bb%5D"),
    is_refused_or(b"/a?", b"/a?", b"/a"),
    is_refused_or(b"/a?%", b"/a?%"),
    is_refused_or(b"/a?%zz", b"/a?%zz"),
    is_refused_or(b"/a?%00", b"/a?%00"),
    is_refused_or(b"/a?b=\xe9", b"/a?b=\xe9", b"/a?b=%E9"),
    is_refused_or(b'/a?b="c"', b'/a?b="c"', b"/a?b=%22c%22"),
]  # fmt: skip
