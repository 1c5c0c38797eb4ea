import Configuration
import Testing

@Suite struct MatchProblemTests {
    @Test(arguments: cases)
    func `says what is wrong with a match`(bad: BadFile) {
        bad.expectReport()
    }

    static let cases: [BadFile] = [
        BadFile(
            "keys of a route",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - ID: a
                prioritt: 1
                respond: 204
              - id: b
                matches: {}
                responds: 204
              - id: c
              - id: d
                redirect: /x
                respond: 204
                forward: nothing
              - e
              - id: -f
                respond: 204
              - id: 7
                priority: 1000001
                respond: 204
            """#,
            #"""
            routes.yaml:4:5: `ID` is not a key of `route`
                  - ID: a
                    ^
                expected: one of `id`, `priority`, `match`, `filters`, `forward`, `split`, `redirect`, `respond`, `upgrade`, `tracing`
                did you mean `id`?
            routes.yaml:5:5: `prioritt` is not a key of `route`
                    prioritt: 1
                    ^
                expected: one of `id`, `priority`, `match`, `filters`, `forward`, `split`, `redirect`, `respond`, `upgrade`, `tracing`
                did you mean `priority`?
            routes.yaml:8:5: `matches` is not a key of `route`
                    matches: {}
                    ^
                expected: one of `id`, `priority`, `match`, `filters`, `forward`, `split`, `redirect`, `respond`, `upgrade`, `tracing`
                did you mean `match`?
            routes.yaml:9:5: `responds` is not a key of `route`
                    responds: 204
                    ^
                expected: one of `id`, `priority`, `match`, `filters`, `forward`, `split`, `redirect`, `respond`, `upgrade`, `tracing`
                did you mean `respond`?
            routes.yaml:10:5: `route` needs one of `forward`, `split`, `redirect`, `respond`
                  - id: c
                    ^
                expected: exactly one of them
            routes.yaml:12:5: `redirect` cannot stand beside `forward`
                    redirect: /x
                    ^
                expected: exactly one of `forward`, `split`, `redirect`, `respond`
            routes.yaml:13:5: `respond` cannot stand beside `forward`
                    respond: 204
                    ^
                expected: exactly one of `forward`, `split`, `redirect`, `respond`
            routes.yaml:14:14: there is no upstream `nothing`
                    forward: nothing
                             ^
                expected: the id of an upstream; there is none
            routes.yaml:15:5: `e` does not belong here
                  - e
                    ^
                expected: a mapping with the keys `id`, `priority`, `match`, `filters`, `forward`, `split`, `redirect`, `respond`, `upgrade`, `tracing`
            routes.yaml:16:9: `-f` is not a name
                  - id: -f
                        ^
                expected: a name of letters, digits, `_`, `-` and `.` that does not begin with `-` or `.`, at most 128 characters
            routes.yaml:19:15: 1000001 is too large
                    priority: 1000001
                              ^
                expected: a whole number from -1000000 to 1000000
            """#),
        BadFile(
            "hosts",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - id: a
                match:
                  host: ["a.example.com:80", "*", "a.*.com", example.com., bücher.example, 1.2.3, A.example.com, a.example.com]
                respond: 204
            """#,
            #"""
            routes.yaml:6:14: `a.example.com:80` is not a host name: a port has no place in it
                      host: ["a.example.com:80", "*", "a.*.com", example.com., bücher.example, 1.2.3, A.example.com, a.example.com]
                             ^
                expected: a host name such as api.example.com or *.example.com
                did you mean `a.example.com`?
            routes.yaml:6:34: `*` is not a host name: leave `host` out to match every host
                      host: ["a.example.com:80", "*", "a.*.com", example.com., bücher.example, 1.2.3, A.example.com, a.example.com]
                                                 ^
                expected: a host name such as api.example.com or *.example.com
            routes.yaml:6:39: `a.*.com` is not a host name: `*` can only be the first label
                      host: ["a.example.com:80", "*", "a.*.com", example.com., bücher.example, 1.2.3, A.example.com, a.example.com]
                                                      ^
                expected: a host name such as api.example.com or *.example.com
            routes.yaml:6:50: `example.com.` is not a host name: it ends with a dot
                      host: ["a.example.com:80", "*", "a.*.com", example.com., bücher.example, 1.2.3, A.example.com, a.example.com]
                                                                 ^
                expected: a host name such as api.example.com or *.example.com
                did you mean `example.com`?
            routes.yaml:6:64: `bücher.example` is not a host name: write it in its ASCII form (xn--…)
                      host: ["a.example.com:80", "*", "a.*.com", example.com., bücher.example, 1.2.3, A.example.com, a.example.com]
                                                                               ^
                expected: a host name such as api.example.com or *.example.com
            routes.yaml:6:80: `1.2.3` is not a host name
                      host: ["a.example.com:80", "*", "a.*.com", example.com., bücher.example, 1.2.3, A.example.com, a.example.com]
                                                                                               ^
                expected: a host name such as api.example.com or *.example.com
            routes.yaml:6:102: `a.example.com` is written twice
                      host: ["a.example.com:80", "*", "a.*.com", example.com., bücher.example, 1.2.3, A.example.com, a.example.com]
                                                                                                                     ^
                expected: each value once
            """#),
        BadFile(
            "paths",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - id: a
                match:
                  path:
                    - api
                    - /a/**/b
                    - /a/b*
                    - /a/{id
                    - /{9}
                    - /{a}/{a}
                    - /a/../b
                    - /%2e/b
                    - /a%2Fb
                    - /a%zz
                    - /a?b=c
                    - "/a#b"
                    - /a;b
                    - /a\b
                    - "/ä/%00"
                    - /ok
                    - /ok
                respond: 204
            """#,
            #"""
            routes.yaml:7:11: the path `api` does not begin with `/`
                        - api
                          ^
                expected: a path such as /api/**, or ~ and an expression
                did you mean `/api`?
            routes.yaml:8:14: `**` is not the last segment
                        - /a/**/b
                             ^
                expected: `**` at the end; `*` for one segment
            routes.yaml:9:15: `*` cannot stand in a literal path segment
                        - /a/b*
                              ^
                expected: `*` for a whole segment; an expression (`~…`) for a part of one
            routes.yaml:10:14: `{` cannot stand in a literal path segment
                        - /a/{id
                             ^
                expected: `{name}` for a whole segment; an expression (`~…`) for a part of one
            routes.yaml:11:12: `{9}` is not a capture
                        - /{9}
                           ^
                expected: `{name}`, the name of letters, digits and `_`, not beginning with a digit
            routes.yaml:12:16: the capture `{a}` occurs twice in the path
                        - /{a}/{a}
                               ^
                expected: a name of its own for each capture
            routes.yaml:13:14: the path has a dot segment, which no normalised request path has
                        - /a/../b
                             ^
                expected: the path without `.` and `..`
            routes.yaml:14:12: the path has a dot segment, which no normalised request path has
                        - /%2e/b
                           ^
                expected: the path without `.` and `..`
            routes.yaml:15:13: `%2F` cannot be in a path: requests with it are refused
                        - /a%2Fb
                            ^
                expected: a path without %00, %2F and %5C
            routes.yaml:16:13: `%` is not followed by two hexadecimal digits
                        - /a%zz
                            ^
                expected: an escape such as %20, or %25 for `%`
            routes.yaml:17:13: `?` cannot stand in a literal path segment
                        - /a?b=c
                            ^
                expected: the query under `query`; %3F for the character
            routes.yaml:18:14: `#` cannot stand in a literal path segment
                        - "/a#b"
                             ^
                expected: no fragment: clients do not send it; %23 for the character
            routes.yaml:19:13: `;` cannot stand in a literal path segment
                        - /a;b
                            ^
                expected: %3B for the character
            routes.yaml:20:13: `\` cannot stand in a literal path segment
                        - /a\b
                            ^
                expected: `/`
            routes.yaml:21:15: `%00` cannot be in a path: requests with it are refused
                        - "/ä/%00"
                              ^
                expected: a path without %00, %2F and %5C
            routes.yaml:23:11: `/ok` is written twice
                        - /ok
                          ^
                expected: each value once
            """#),
        BadFile(
            "methods",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - id: a
                match: { methods: [get, Pots, CONNECT, GTE, PROPFIND, "G T"] }
                respond: 204
              - id: b
                match: { method: GET, methods: [POST] }
                respond: 204
            """#,
            #"""
            routes.yaml:5:24: `get` is not a method: they are written in capitals
                    match: { methods: [get, Pots, CONNECT, GTE, PROPFIND, "G T"] }
                                       ^
                expected: a method such as GET
                did you mean `GET`?
            routes.yaml:5:29: `Pots` is not a method: they are written in capitals
                    match: { methods: [get, Pots, CONNECT, GTE, PROPFIND, "G T"] }
                                            ^
                expected: a method such as GET
                did you mean `POST`?
            routes.yaml:5:35: CONNECT is never routed: the gateway is no tunnel
                    match: { methods: [get, Pots, CONNECT, GTE, PROPFIND, "G T"] }
                                                  ^
                expected: another method
            routes.yaml:5:44: warning: `GTE` is an unusual method
                    match: { methods: [get, Pots, CONNECT, GTE, PROPFIND, "G T"] }
                                                           ^
                did you mean `GET`?
            routes.yaml:5:59: `G T` is not a method: they are written in capitals
                    match: { methods: [get, Pots, CONNECT, GTE, PROPFIND, "G T"] }
                                                                          ^
                expected: a method such as GET
                did you mean `GET`?
            routes.yaml:8:36: `method` and `methods` are the same key
                    match: { method: GET, methods: [POST] }
                                                   ^
                expected: one of them, with a list for several methods
            """#),
        BadFile(
            "expressions that do not compile",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - id: a
                match: { path: ~^/a(b }
                respond: 204
              - id: b
                match:
                  path: ["~^/ä[z-a]", '~*']
                  headers: { x-a: { regex: "a\tb(" } }
                  query: { q: { regex: (?<n>a)(?<n>b) } }
                respond: 204
            """#,
            #"""
            routes.yaml:5:26: the expression does not compile: missing closing parenthesis
                    match: { path: ~^/a(b }
                                         ^
                expected: a regular expression (PCRE2)
            routes.yaml:9:22: the expression does not compile: range out of order in character class
                      path: ["~^/ä[z-a]", '~*']
                                     ^
                expected: a regular expression (PCRE2)
            routes.yaml:9:29: the expression does not compile: quantifier does not follow a repeatable item
                      path: ["~^/ä[z-a]", '~*']
                                            ^
                expected: a regular expression (PCRE2)
            routes.yaml:10:32: the expression does not compile: missing closing parenthesis
                      headers: { x-a: { regex: "a\tb(" } }
                                               ^
                expected: a regular expression (PCRE2)
            routes.yaml:11:40: the expression does not compile: two named subpatterns have the same name (PCRE2_DUPNAMES not set)
                      query: { q: { regex: (?<n>a)(?<n>b) } }
                                                       ^
                expected: a regular expression (PCRE2)
            """#),
        BadFile(
            "conditions on headers and query",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - id: a
                match:
                  headers:
                    x_env: staging
                    "x env": staging
                    X-A: { equals: a }
                    x-a: b
                    x-b: { equal: a, present: true }
                    x-c: { present: false }
                    x-d: { absent: yes }
                    x-e: {}
                    x-f: [a]
                    x-g:
                  query: { "": a, b: { exact: c } }
                respond: 204
            """#,
            #"""
            routes.yaml:7:9: header names with `_` are dropped from every request, so this never matches
                        x_env: staging
                        ^
                expected: a header name without `_`
                did you mean `x-env`?
            routes.yaml:8:9: `x env` is not the name of a header field
                        "x env": staging
                        ^
                expected: letters, digits and `-`
            routes.yaml:9:16: `equals` is not a key of `condition`
                        X-A: { equals: a }
                               ^
                expected: one of `equal`, `present`, `absent`, `regex`
                did you mean `equal`?
            routes.yaml:10:9: `x-a` is written twice
                        x-a: b
                        ^
                expected: one `x-a`; the first is at line 9
            routes.yaml:11:26: `present` cannot stand beside `equal`
                        x-b: { equal: a, present: true }
                                         ^
                expected: exactly one of `equal`, `present`, `absent`, `regex`
            routes.yaml:12:14: `present` and `absent` take only `true`
                        x-c: { present: false }
                             ^
                expected: `present: true` or `absent: true`
            routes.yaml:13:24: `yes` does not belong here
                        x-d: { absent: yes }
                                       ^
                expected: true or false
                did you mean `true`?
            routes.yaml:14:14: `condition` needs one of `equal`, `present`, `absent`, `regex`
                        x-e: {}
                             ^
                expected: exactly one of them
            routes.yaml:15:14: a list does not belong here
                        x-f: [a]
                             ^
                expected: a text (the value to be equal to)
            routes.yaml:16:13: nothing is written here
                        x-g:
                            ^
                expected: a text (the value to be equal to)
            routes.yaml:17:16: the name of a query parameter is empty
                      query: { "": a, b: { exact: c } }
                               ^
                expected: a name
            routes.yaml:17:26: `condition` needs one of `equal`, `present`, `absent`, `regex`
                      query: { "": a, b: { exact: c } }
                                         ^
                expected: exactly one of them
            routes.yaml:17:28: `exact` is not a key of `condition`
                      query: { "": a, b: { exact: c } }
                                           ^
                expected: one of `equal`, `present`, `absent`, `regex`
            """#),
    ]
}
