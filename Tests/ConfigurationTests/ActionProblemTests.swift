import Configuration
import Testing

@Suite struct ActionProblemTests {
    @Test(arguments: cases)
    func `says what is wrong with filters and actions`(bad: BadFile) {
        bad.expectReport()
    }

    static let cases: [BadFile] = [
        BadFile(
            "filters",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            upstreams: { u: { endpoints: [a:1] } }
            routes:
              - id: a
                match: { path: ["/a/{id}", "/b/{id}/{name}"] }
                filters:
                  - strip-prefix: api
                  - strip-prefix: /
                  - strip-prefix: /api/
                  - strip-prefix: /a/{id}
                  - rewrite-path: b
                  - rewrite-path: /{idd}/{name}/{**}
                  - rewrite-path: /{id
                  - rewrite-path: /a b
                  - rewrite-path: /../b
                  - rewrite-path: { regex: "(", replacement: a }
                  - rewrite-path: { regex: "(a)", replacement: "$$ $1 ${2}" }
                  - rewrite-path: { regex: "(a)" }
                  - strip-prefx: /a
                  - set-header: { name: A, value: b }
                  - { strip-prefix: /a, request-size: 1MiB }
                  - request-size: 1MB2
                  - strip-prefix /api
                forward: u
            """#,
            #"""
            routes.yaml:8:23: the path `api` does not begin with `/`
                      - strip-prefix: api
                                      ^
                expected: a path such as /api
                did you mean `/api`?
            routes.yaml:9:23: the prefix `/` removes nothing
                      - strip-prefix: /
                                      ^
                expected: a path such as /api
            routes.yaml:10:23: the prefix ends with `/`
                      - strip-prefix: /api/
                                      ^
                expected: whole segments
                did you mean `/api`?
            routes.yaml:11:26: `{` cannot stand in a literal path segment
                      - strip-prefix: /a/{id}
                                         ^
                expected: `{name}` for a whole segment; an expression (`~…`) for a part of one
            routes.yaml:12:23: the path `b` does not begin with `/`
                      - rewrite-path: b
                                      ^
                expected: a path such as /v2/items/{id}
            routes.yaml:13:24: `{idd}` is not captured by every path of the match
                      - rewrite-path: /{idd}/{name}/{**}
                                       ^
                expected: one of `{id}`
                did you mean `{id}`?
            routes.yaml:14:24: `{` without `}`
                      - rewrite-path: /{id
                                       ^
                expected: a text with `{name}` of a capture or `{**}`; other characters percent-encoded
            routes.yaml:15:25: this character must be percent-encoded
                      - rewrite-path: /a b
                                        ^
                expected: a text with `{name}` of a capture or `{**}`; other characters percent-encoded
            routes.yaml:16:23: the text has dot segments, or encodings that a normal path has not
                      - rewrite-path: /../b
                                      ^
                expected: a text with `{name}` of a capture or `{**}`; other characters percent-encoded
            routes.yaml:17:34: the expression does not compile: missing closing parenthesis
                      - rewrite-path: { regex: "(", replacement: a }
                                                 ^
                expected: a regular expression (PCRE2)
            routes.yaml:18:59: the expression has no group `2`
                      - rewrite-path: { regex: "(a)", replacement: "$$ $1 ${2}" }
                                                                          ^
                expected: a group of the expression; `$$` for a dollar sign
            routes.yaml:19:23: `replacement` is missing
                      - rewrite-path: { regex: "(a)" }
                                      ^
                expected: a text; `$1` or `${name}` inserts a group
            routes.yaml:20:9: `strip-prefx` is not a key of `filter`
                      - strip-prefx: /a
                        ^
                expected: one of `strip-prefix`, `rewrite-path`, `set-request-header`, `remove-request-header`, `set-response-header`, `remove-response-header`, `request-size`, `ip-allow`, `ip-deny`, `cors`, `secure-headers`, `jwt`, `api-key`, `rate-limit`, `concurrency-limit`, `fault`, `use`
                did you mean `strip-prefix`?
            routes.yaml:21:9: `set-header` is not a key of `filter`
                      - set-header: { name: A, value: b }
                        ^
                expected: one of `strip-prefix`, `rewrite-path`, `set-request-header`, `remove-request-header`, `set-response-header`, `remove-response-header`, `request-size`, `ip-allow`, `ip-deny`, `cors`, `secure-headers`, `jwt`, `api-key`, `rate-limit`, `concurrency-limit`, `fault`, `use`
                did you mean `set-request-header`?
            routes.yaml:22:29: `request-size`, `ip-allow`, `ip-deny`, `cors`, `secure-headers`, `jwt`, `use` cannot stand beside `strip-prefix`
                      - { strip-prefix: /a, request-size: 1MiB }
                                            ^
                expected: exactly one of `strip-prefix`, `rewrite-path`, `set-request-header`, `remove-request-header`, `set-response-header`, `remove-response-header`, `request-size`, `ip-allow`, `ip-deny`, `cors`, `secure-headers`, `jwt`, `api-key`, `rate-limit`, `concurrency-limit`, `fault`, `use`
            routes.yaml:23:23: `MB2` is no unit of size
                      - request-size: 1MB2
                                      ^
                expected: a size such as 512B, 16KiB or 10MiB, from 1B to 1024GiB, or off
                did you mean `1MB`?
            routes.yaml:24:9: `strip-prefix /api` does not belong here
                      - strip-prefix /api
                        ^
                expected: a mapping with the keys `strip-prefix`, `rewrite-path`, `set-request-header`, `remove-request-header`, `set-response-header`, `remove-response-header`, `request-size`, `ip-allow`, `ip-deny`, `cors`, `secure-headers`, `jwt`, `api-key`, `rate-limit`, `concurrency-limit`, `fault`, `use`
            """#),
        BadFile(
            "header fields in filters",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            upstreams: { u: { endpoints: [a:1] } }
            routes:
              - id: a
                filters:
                  - set-request-header: { name: Content-Length, value: 1 }
                  - set-request-header: { name: Transfer-Encoding, value: chunked }
                  - set-response-header: { name: keep-alive, value: a }
                  - set-response-header: { name: "X Y", value: a }
                  - set-request-header: { name: X-Y, value: "a\r\nEvil: b" }
                  - set-request-header: { name: X-Y, value: " a" }
                  - set-request-header: { name: X-Y }
                  - remove-request-header: Host
                  - remove-request-header: Connection
                  - remove-response-header: [Server]
                  - set-request-header: X-Y
                forward: u
            """#,
            #"""
            routes.yaml:7:37: `Content-Length` is written by the gateway itself and cannot be changed
                      - set-request-header: { name: Content-Length, value: 1 }
                                                    ^
                expected: another header field
            routes.yaml:8:37: `Transfer-Encoding` is written by the gateway itself and cannot be changed
                      - set-request-header: { name: Transfer-Encoding, value: chunked }
                                                    ^
                expected: another header field
            routes.yaml:9:38: `keep-alive` is written by the gateway itself and cannot be changed
                      - set-response-header: { name: keep-alive, value: a }
                                                     ^
                expected: another header field
            routes.yaml:10:38: `X Y` is not the name of a header field
                      - set-response-header: { name: "X Y", value: a }
                                                     ^
                expected: letters, digits and `-`
            routes.yaml:11:49: a header value cannot hold a line break or another control character
                      - set-request-header: { name: X-Y, value: "a\r\nEvil: b" }
                                                                ^
                expected: one line of text
            routes.yaml:12:49: a header value cannot begin or end with a space
                      - set-request-header: { name: X-Y, value: " a" }
                                                                ^
                expected: text without it
            routes.yaml:13:29: `value` is missing
                      - set-request-header: { name: X-Y }
                                            ^
                expected: the value of a header field
            routes.yaml:14:32: a request without `Host` is not HTTP/1.1
                      - remove-request-header: Host
                                               ^
                expected: another header field
            routes.yaml:15:32: `Connection` is written by the gateway itself and cannot be changed
                      - remove-request-header: Connection
                                               ^
                expected: another header field
            routes.yaml:16:33: a list does not belong here
                      - remove-response-header: [Server]
                                                ^
                expected: the name of a header field, such as X-Env
            routes.yaml:17:29: `X-Y` does not belong here
                      - set-request-header: X-Y
                                            ^
                expected: a mapping with the keys `name`, `value`
            """#),
        BadFile(
            "redirects",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - { id: a, redirect: "{path}" }
              - { id: b, match: { path: /b/** }, redirect: "/{**}" }
              - { id: c, redirect: //example.com }
              - { id: d, redirect: example.com }
              - { id: e, match: { path: "/e/{x}" }, redirect: "https://{x}.example.com/" }
              - { id: f, match: { path: /f }, redirect: { to: "/new/{pat}", status: 300, keep-query: yes } }
              - { id: g, match: { path: /g }, redirect: "/a b" }
              - { id: h, match: { path: /h }, redirect: { status: 301 } }
            """#,
            #"""
            routes.yaml:4:24: a request for `//other.example` would be sent to another host
                  - { id: a, redirect: "{path}" }
                                       ^
                expected: a path such as /new/{id}, or https://example.com{path}
                did you mean `https://{host}{path}`?
            routes.yaml:5:48: a request for `//other.example` would be sent to another host
                  - { id: b, match: { path: /b/** }, redirect: "/{**}" }
                                                               ^
                expected: a path such as /new/{id}, or https://example.com{path}
                did you mean `https://{host}/{**}`?
            routes.yaml:6:24: the location has a host but no scheme
                  - { id: c, redirect: //example.com }
                                       ^
                expected: a path such as /new/{id}, or https://example.com{path}
            routes.yaml:7:24: `example.com` is neither a path nor a URL
                  - { id: d, redirect: example.com }
                                       ^
                expected: a path such as /new/{id}, or https://example.com{path}
            routes.yaml:8:51: a capture in the host lets the request choose where the client goes
                  - { id: e, match: { path: "/e/{x}" }, redirect: "https://{x}.example.com/" }
                                                                  ^
                expected: a path such as /new/{id}, or https://example.com{path}
            routes.yaml:9:57: `{pat}` is not captured by every path of the match
                  - { id: f, match: { path: /f }, redirect: { to: "/new/{pat}", status: 300, keep-query: yes } }
                                                                        ^
                expected: one of `{path}`, `{host}`
                did you mean `{path}`?
            routes.yaml:9:73: `300` is not a status of a redirect
                  - { id: f, match: { path: /f }, redirect: { to: "/new/{pat}", status: 300, keep-query: yes } }
                                                                                        ^
                expected: one of 301, 302, 303, 307, 308
            routes.yaml:9:90: `yes` does not belong here
                  - { id: f, match: { path: /f }, redirect: { to: "/new/{pat}", status: 300, keep-query: yes } }
                                                                                                         ^
                expected: true or false
                did you mean `true`?
            routes.yaml:10:48: the character cannot stand in a URL as it is
                  - { id: g, match: { path: /g }, redirect: "/a b" }
                                                               ^
                expected: its percent-encoding, such as %20
            routes.yaml:11:45: `to` is missing
                  - { id: h, match: { path: /h }, redirect: { status: 301 } }
                                                            ^
                expected: a path, or http:// or https:// and a host
            """#),
        BadFile(
            "responses",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - { id: a, respond: 99 }
              - { id: b, match: { path: /b }, respond: { status: 204, body: x } }
              - { id: c, match: { path: /c }, respond: { body: x, headers: { content-type: text/html, Content-Length: 1, A: b, a: c } } }
              - { id: d, match: { path: /d }, respond: ok }
            """#,
            #"""
            routes.yaml:4:23: 99 is too small
                  - { id: a, respond: 99 }
                                      ^
                expected: a whole number from 200 to 599
            routes.yaml:5:44: a response of status 204 has no body
                  - { id: b, match: { path: /b }, respond: { status: 204, body: x } }
                                                           ^
                expected: no `body`, or another status
            routes.yaml:6:44: `Content-Type` is not written under `headers`
                  - { id: c, match: { path: /c }, respond: { body: x, headers: { content-type: text/html, Content-Length: 1, A: b, a: c 
                                                           ^
                expected: the key `content-type`
            routes.yaml:6:91: `Content-Length` is written by the gateway itself and cannot be changed
                 id: c, match: { path: /c }, respond: { body: x, headers: { content-type: text/html, Content-Length: 1, A: b, a: c } } }
                                                                                                     ^
                expected: another header field
            routes.yaml:6:116: `a` is written twice
                 id: c, match: { path: /c }, respond: { body: x, headers: { content-type: text/html, Content-Length: 1, A: b, a: c } } }
                                                                                                                              ^
                expected: one `a`; the first is at line 6
            routes.yaml:7:44: `ok` does not belong here
                  - { id: d, match: { path: /d }, respond: ok }
                                                           ^
                expected: a whole number from 200 to 599
            """#),
        BadFile(
            "splits",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            upstreams: { u: { endpoints: [a:1] } }
            routes:
              - { id: a, split: [] }
              - { id: b, match: { path: /b }, split: [{ upstream: u, weight: 0 }] }
              - { id: c, match: { path: /c }, split: [{ upstream: u, weight: 1 }, { upstream: u, weight: 2 }] }
              - { id: d, match: { path: /d }, split: [{ upstream: u }, { weight: 1000001, upstrem: u }] }
            """#,
            #"""
            routes.yaml:5:21: the list has no element
                  - { id: a, split: [] }
                                    ^
                expected: at least 1
            routes.yaml:6:42: all weights of the split are 0
                  - { id: b, match: { path: /b }, split: [{ upstream: u, weight: 0 }] }
                                                         ^
                expected: at least one weight of 1 or more
            routes.yaml:7:42: the upstream `u` is written twice in the split
                  - { id: c, match: { path: /c }, split: [{ upstream: u, weight: 1 }, { upstream: u, weight: 2 }] }
                                                         ^
                expected: each upstream once
            routes.yaml:8:43: `weight` is missing
                  - { id: d, match: { path: /d }, split: [{ upstream: u }, { weight: 1000001, upstrem: u }] }
                                                          ^
                expected: a whole number from 0 to 1000000
            routes.yaml:8:70: 1000001 is too large
                  - { id: d, match: { path: /d }, split: [{ upstream: u }, { weight: 1000001, upstrem: u }] }
                                                                                     ^
                expected: a whole number from 0 to 1000000
            routes.yaml:8:79: `upstrem` is not a key of `split-target`
                  - { id: d, match: { path: /d }, split: [{ upstream: u }, { weight: 1000001, upstrem: u }] }
                                                                                              ^
                expected: one of `upstream`, `weight`
                did you mean `upstream`?
            """#),
    ]
}
