import Configuration
import Testing

@Suite struct BalancingProblemTests {
    @Test(arguments: cases)
    func `says what is wrong with the choice of an endpoint`(bad: BadFile) {
        bad.expectReport()
    }

    static let cases: [BadFile] = [
        BadFile(
            "a hash and its key",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            upstreams:
              a: { endpoints: ["a:1"], balance: consistent-hash }
              b: { endpoints: ["b:1"], hash: client-address, hash-load-max: 200% }
              c: { endpoints: ["c:1"], balance: ring-hash, hash: source-ip }
              d: { endpoints: ["d:1"], balance: consistent-hash, hash: { header: X_User, cookie: id } }
              e: { endpoints: ["e:1"], balance: consistent-hash, hash: {} }
              f: { endpoints: ["f:1"], balance: consistent-hash, hash: { cookie: "a b" } }
              g: { endpoints: ["g:1"], balance: consistent-hash, hash: { capture: "{id}" } }
              h: { endpoints: ["h:1"], balance: leastconn, hash-policy: 1 }
            routes:
              - id: r
                split: [{ upstream: a, weight: 1 }, { upstream: b, weight: 1 }, { upstream: c, weight: 1 }, { upstream: d, weight: 1 }, { upstream: e, weight: 1 }, { upstream: f, weight: 1 }, { upstream: g, weight: 1 }, { upstream: h, weight: 1 }]
            """#,
            #"""
            routes.yaml:4:37: `hash` is missing: `consistent-hash` has nothing to compute it from
                  a: { endpoints: ["a:1"], balance: consistent-hash }
                                                    ^
                expected: `client-address`, or a mapping with the keys `header`, `cookie`, `capture`
            routes.yaml:5:34: `hash` has no effect with `balance: round-robin`
                  b: { endpoints: ["b:1"], hash: client-address, hash-load-max: 200% }
                                                 ^
                expected: `balance: consistent-hash`, or no `hash`
            routes.yaml:5:65: `hash-load-max` has no effect with `balance: round-robin`
                  b: { endpoints: ["b:1"], hash: client-address, hash-load-max: 200% }
                                                                                ^
                expected: `balance: consistent-hash`, or no `hash-load-max`
            routes.yaml:6:37: `ring-hash` is not known here
                  c: { endpoints: ["c:1"], balance: ring-hash, hash: source-ip }
                                                    ^
                expected: one of `round-robin`, `least-requests`, `random`, `consistent-hash`, `least-latency`
                did you mean `consistent-hash`?
            routes.yaml:6:54: `source-ip` is not known here
                  c: { endpoints: ["c:1"], balance: ring-hash, hash: source-ip }
                                                                     ^
                expected: `client-address`
                did you mean `client-address`?
            routes.yaml:7:70: header names with `_` are dropped from every request, so this never matches
                  d: { endpoints: ["d:1"], balance: consistent-hash, hash: { header: X_User, cookie: id } }
                                                                                     ^
                expected: a header name without `_`
                did you mean `X-User`?
            routes.yaml:7:78: `cookie` cannot stand beside `header`
                  d: { endpoints: ["d:1"], balance: consistent-hash, hash: { header: X_User, cookie: id } }
                                                                                             ^
                expected: exactly one of `header`, `cookie`, `capture`
            routes.yaml:8:60: `hash` needs one of `header`, `cookie`, `capture`
                  e: { endpoints: ["e:1"], balance: consistent-hash, hash: {} }
                                                                           ^
                expected: exactly one of them
            routes.yaml:9:70: `a b` is not the name of a cookie
                  f: { endpoints: ["f:1"], balance: consistent-hash, hash: { cookie: "a b" } }
                                                                                     ^
                expected: letters, digits, `-` and `_`, at most 128 characters
            routes.yaml:10:71: `{id}` is not the name of a capture
                  g: { endpoints: ["g:1"], balance: consistent-hash, hash: { capture: "{id}" } }
                                                                                      ^
                expected: letters, digits and `_`, not beginning with a digit
                did you mean `id`?
            routes.yaml:11:37: `leastconn` is not known here
                  h: { endpoints: ["h:1"], balance: leastconn, hash-policy: 1 }
                                                    ^
                expected: one of `round-robin`, `least-requests`, `random`, `consistent-hash`, `least-latency`
                did you mean `least-requests`?
            routes.yaml:11:48: `hash-policy` is not a key of `upstream`
                  h: { endpoints: ["h:1"], balance: leastconn, hash-policy: 1 }
                                                               ^
                expected: one of `endpoints`, `balance`, `hash`, `hash-load-max`, `sticky-cookie`, `slow-start`, `tls`, `pool`, `health`, `retries`, `retry-budget`, `hedge`, `breaker`, `queue`, `adaptive-concurrency`, `trace-headers`, `proxy-protocol`, `timeouts`
                did you mean `hash`?
            """#),
        BadFile(
            "percentages",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            upstreams:
              a: { endpoints: ["a:1"], balance: consistent-hash, hash: client-address, hash-load-max: 99% }
              b: { endpoints: ["b:1"], balance: consistent-hash, hash: client-address, hash-load-max: 150 }
              c: { endpoints: ["c:1"], balance: consistent-hash, hash: client-address, hash-load-max: 1.25 }
              d: { endpoints: ["d:1"], balance: consistent-hash, hash: client-address, hash-load-max: 150.5% }
              e: { endpoints: ["e:1"], balance: consistent-hash, hash: client-address, hash-load-max: much }
              f: { endpoints: ["f:1"], balance: consistent-hash, hash: client-address, hash-load-max: -5% }
              g: { endpoints: ["g:1"], health: { panic: 0.5, passive: { ejected-max: 101% } }, retry-budget: { share: off } }
            routes:
              - id: r
                split: [{ upstream: a, weight: 1 }, { upstream: b, weight: 1 }, { upstream: c, weight: 1 }, { upstream: d, weight: 1 }, { upstream: e, weight: 1 }, { upstream: f, weight: 1 }, { upstream: g, weight: 1 }]
            """#,
            #"""
            routes.yaml:4:91: 99% is too small
                  a: { endpoints: ["a:1"], balance: consistent-hash, hash: client-address, hash-load-max: 99% }
                                                                                                          ^
                expected: a percentage from 100% to 1000%, or off
            routes.yaml:5:91: the percentage `150` has no `%`
                  b: { endpoints: ["b:1"], balance: consistent-hash, hash: client-address, hash-load-max: 150 }
                                                                                                          ^
                expected: a percentage from 100% to 1000%, or off
                did you mean `150%`?
            routes.yaml:6:91: the percentage `1.25` has no `%`
                  c: { endpoints: ["c:1"], balance: consistent-hash, hash: client-address, hash-load-max: 1.25 }
                                                                                                          ^
                expected: a percentage from 100% to 1000%, or off
                did you mean `125%`?
            routes.yaml:7:91: `150.5%` has a fraction
                  d: { endpoints: ["d:1"], balance: consistent-hash, hash: client-address, hash-load-max: 150.5% }
                                                                                                          ^
                expected: a percentage from 100% to 1000%, or off
                did you mean `150%`?
            routes.yaml:8:91: `much` does not belong here
                  e: { endpoints: ["e:1"], balance: consistent-hash, hash: client-address, hash-load-max: much }
                                                                                                          ^
                expected: a percentage from 100% to 1000%, or off
            routes.yaml:9:91: `-5%` does not belong here
                  f: { endpoints: ["f:1"], balance: consistent-hash, hash: client-address, hash-load-max: -5% }
                                                                                                          ^
                expected: a percentage from 100% to 1000%, or off
            routes.yaml:10:45: the percentage `0.5` has no `%`
                  g: { endpoints: ["g:1"], health: { panic: 0.5, passive: { ejected-max: 101% } }, retry-budget: { share: off } }
                                                            ^
                expected: a percentage from 0% to 100%, or off
                did you mean `50%`?
            routes.yaml:10:74: 101% is too large
                  g: { endpoints: ["g:1"], health: { panic: 0.5, passive: { ejected-max: 101% } }, retry-budget: { share: off } }
                                                                                         ^
                expected: a percentage from 0% to 100%
            routes.yaml:10:107: `off` does not belong here
                  g: { endpoints: ["g:1"], health: { panic: 0.5, passive: { ejected-max: 101% } }, retry-budget: { share: off } }
                                                                                                                          ^
                expected: a percentage from 0% to 1000%
            """#),
        BadFile(
            "captures that a route does not have",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            upstreams:
              u: { endpoints: ["u:1"], balance: consistent-hash, hash: { capture: user } }
              v: { endpoints: ["v:1"] }
            routes:
              - { id: a, match: { path: "/a/{user}" }, forward: u }
              - { id: b, match: { path: "/b/{usr}" }, forward: u }
              - { id: c, match: { path: ["/c/{user}", "/c"] }, split: [{ upstream: v, weight: 1 }, { upstream: u, weight: 1 }] }
              - { id: d, match: { path: "~^/d/(?<user>[a-z]+)$" }, forward: u }
              - { id: e, match: { path: /e }, forward: v }
              - { id: f, forward: u }
              - { id: g, match: { path: "/g/{user}/{user}" }, forward: u }
            """#,
            #"""
            routes.yaml:8:52: the upstream `u` hashes the capture `user`, which not every path of this route has
                  - { id: b, match: { path: "/b/{usr}" }, forward: u }
                                                                   ^
                expected: a `hash` over `usr`, or a path with `{user}`
            routes.yaml:9:100: the upstream `u` hashes the capture `user`, which not every path of this route has
                  - { id: c, match: { path: ["/c/{user}", "/c"] }, split: [{ upstream: v, weight: 1 }, { upstream: u, weight: 1 }] }
                                                                                                                   ^
                expected: a path that captures it, such as /items/{user}; or another `hash`
            routes.yaml:12:23: the upstream `u` hashes the capture `user`, which not every path of this route has
                  - { id: f, forward: u }
                                      ^
                expected: a path that captures it, such as /items/{user}; or another `hash`
            routes.yaml:13:40: the capture `{user}` occurs twice in the path
                  - { id: g, match: { path: "/g/{user}/{user}" }, forward: u }
                                                       ^
                expected: a name of its own for each capture
            """#),
        BadFile(
            "cookies and PROXY headers",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            upstreams:
              a: { endpoints: ["a:1"], sticky-cookie: "a=b", slow-start: 10 }
              b: { endpoints: ["b:1"], sticky-cookie: { max-age: 1500ms } }
              c: { endpoints: ["c:1"], sticky-cookie: { name: __Host-id, secure: false, max-age: 366d } }
              d: { endpoints: ["d:1"], sticky-cookie: { name: "", ttl: 1h }, proxy-protocol: true }
              e: { endpoints: ["e:1"], cookie: SERVERID, send-proxy: v1 }
            routes:
              - id: r
                split: [{ upstream: a, weight: 1 }, { upstream: b, weight: 1 }, { upstream: c, weight: 1 }, { upstream: d, weight: 1 }, { upstream: e, weight: 1 }]
            """#,
            #"""
            routes.yaml:4:43: `a=b` is not the name of a cookie
                  a: { endpoints: ["a:1"], sticky-cookie: "a=b", slow-start: 10 }
                                                          ^
                expected: letters, digits, `-` and `_`, at most 128 characters
            routes.yaml:4:62: the duration `10` has no unit
                  a: { endpoints: ["a:1"], sticky-cookie: "a=b", slow-start: 10 }
                                                                             ^
                expected: a duration such as 500ms, 10s, 2m or 1h (at most 24h), or off
                did you mean `10s`?
            routes.yaml:5:43: `name` is missing
                  b: { endpoints: ["b:1"], sticky-cookie: { max-age: 1500ms } }
                                                          ^
                expected: the name of a cookie, such as SERVERID
            routes.yaml:5:54: `1500ms` has a fraction of a second
                  b: { endpoints: ["b:1"], sticky-cookie: { max-age: 1500ms } }
                                                                     ^
                expected: a duration such as 10s, 2m or 1h, from 1s to 365d, or off; in whole seconds
            routes.yaml:6:70: browsers drop a cookie `__Host-…` that is not secure
                  c: { endpoints: ["c:1"], sticky-cookie: { name: __Host-id, secure: false, max-age: 366d } }
                                                                                     ^
                expected: `secure: true`, or another name
            routes.yaml:6:86: 366d is too large
                  c: { endpoints: ["c:1"], sticky-cookie: { name: __Host-id, secure: false, max-age: 366d } }
                                                                                                     ^
                expected: a duration such as 10s, 2m or 1h, from 1s to 365d, or off
            routes.yaml:7:51: the name of the cookie is empty
                  d: { endpoints: ["d:1"], sticky-cookie: { name: "", ttl: 1h }, proxy-protocol: true }
                                                                  ^
                expected: letters, digits, `-` and `_`, at most 128 characters
            routes.yaml:7:55: `ttl` is not a key of `sticky-cookie`
                  d: { endpoints: ["d:1"], sticky-cookie: { name: "", ttl: 1h }, proxy-protocol: true }
                                                                      ^
                expected: one of `name`, `max-age`, `secure`
                did you mean `max-age`?
            routes.yaml:7:82: `true` is not known here
                  d: { endpoints: ["d:1"], sticky-cookie: { name: "", ttl: 1h }, proxy-protocol: true }
                                                                                                 ^
                expected: one of `v1`, `v2`, `off`
            routes.yaml:8:28: `cookie` is not a key of `upstream`
                  e: { endpoints: ["e:1"], cookie: SERVERID, send-proxy: v1 }
                                           ^
                expected: one of `endpoints`, `balance`, `hash`, `hash-load-max`, `sticky-cookie`, `slow-start`, `tls`, `pool`, `health`, `retries`, `retry-budget`, `hedge`, `breaker`, `queue`, `adaptive-concurrency`, `trace-headers`, `proxy-protocol`, `timeouts`
                did you mean `sticky-cookie`?
            routes.yaml:8:46: `send-proxy` is not a key of `upstream`
                  e: { endpoints: ["e:1"], cookie: SERVERID, send-proxy: v1 }
                                                             ^
                expected: one of `endpoints`, `balance`, `hash`, `hash-load-max`, `sticky-cookie`, `slow-start`, `tls`, `pool`, `health`, `retries`, `retry-budget`, `hedge`, `breaker`, `queue`, `adaptive-concurrency`, `trace-headers`, `proxy-protocol`, `timeouts`
                did you mean `proxy-protocol`?
            """#),
        BadFile(
            "defaults of upstreams",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            defaults:
              limits: { buffers: 64KiB, connections-per-client: off }
              timeouts: { tunnel-idle: 5, tls-handshake: 1x }
              upstream:
                endpoints: ["a:1"]
                timeouts: { connect: 1s }
                hash: client-address
                sticky-cookie: id
                balanse: random
                pool: { connections-max: 8, idle-max: 9 }
                health: { active: { interval: 1s } }
            upstreams:
              a: { endpoints: ["a:1"] }
            routes:
              - id: r
                split: [{ upstream: a, weight: 1 }]
            """#,
            #"""
            routes.yaml:4:22: 64KiB is too small
                  limits: { buffers: 64KiB, connections-per-client: off }
                                     ^
                expected: a size such as 512B, 16KiB or 10MiB, from 1MiB to 1024GiB, or off
            routes.yaml:4:53: `off` does not belong here
                  limits: { buffers: 64KiB, connections-per-client: off }
                                                                    ^
                expected: a whole number from 0 to 1048576
            routes.yaml:5:28: the duration `5` has no unit
                  timeouts: { tunnel-idle: 5, tls-handshake: 1x }
                                           ^
                expected: a duration such as 500ms, 10s, 2m or 1h (at most 24h), or off
                did you mean `5s`?
            routes.yaml:5:46: `x` is no unit of time
                  timeouts: { tunnel-idle: 5, tls-handshake: 1x }
                                                             ^
                expected: a duration such as 500ms, 10s, 2m or 1h (at most 24h), or off
            routes.yaml:7:5: `endpoints` is not a key of `defaults.upstream`
                    endpoints: ["a:1"]
                    ^
                expected: `endpoints` in each upstream
            routes.yaml:8:5: `timeouts` is not a key of `defaults.upstream`
                    timeouts: { connect: 1s }
                    ^
                expected: `connect`, `response-head`, `upstream-stall` and `request` under `defaults.timeouts`
            routes.yaml:9:5: `hash` is not a key of `defaults.upstream`
                    hash: client-address
                    ^
                expected: `hash` in each upstream
            routes.yaml:10:5: `sticky-cookie` is not a key of `defaults.upstream`
                    sticky-cookie: id
                    ^
                expected: `sticky-cookie` in each upstream
            routes.yaml:11:5: `balanse` is not a key of `defaults.upstream`
                    balanse: random
                    ^
                expected: one of `balance`, `slow-start`, `tls`, `pool`, `health`, `retries`, `retry-budget`, `hedge`, `breaker`, `queue`, `adaptive-concurrency`, `trace-headers`
                did you mean `balance`?
            routes.yaml:12:43: `idle-max` is 9, more than the 8 of `connections-max`
                    pool: { connections-max: 8, idle-max: 9 }
                                                          ^
                expected: idle-max of at most 8
            routes.yaml:13:23: `path` is missing
                    health: { active: { interval: 1s } }
                                      ^
                expected: a path such as /healthz
            routes.yaml:13:35: warning: a check may take longer than `interval`, so the next one begins late
                    health: { active: { interval: 1s } }
                                                  ^
                expected: a `timeout` of at most `interval`
            """#),
    ]
}
