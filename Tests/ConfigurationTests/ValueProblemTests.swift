import Configuration
import Testing

@Suite struct ValueProblemTests {
    @Test(arguments: cases)
    func `says what is wrong with a value`(bad: BadFile) {
        bad.expectReport()
    }

    static let cases: [BadFile] = [
        BadFile(
            "another version of the format",
            #"""
            version: 2
            listeners: [{ address: ":8080" }]
            routes: []
            """#,
            #"""
            routes.yaml:1:10: this program reads version 1 of the format, not `2`
                version: 2
                         ^
                expected: 1
            """#),
        BadFile(
            "no version and no listeners",
            #"""
            routes: []
            listeners: []
            """#,
            #"""
            routes.yaml:1:1: `version` is missing
                routes: []
                ^
                expected: `version: 1`
            routes.yaml:2:12: the list has no element
                listeners: []
                           ^
                expected: at least 1
            """#),
        BadFile(
            "addresses to listen on",
            #"""
            version: 1
            listeners:
              - { name: a, address: localhost:8080 }
              - { name: b, address: 8080 }
              - { name: c, address: "::1:80" }
              - { name: d, address: 127.0.0.1:65536 }
              - { name: e, address: 127.0.0.1 }
              - { name: f, addres: ":8080" }
            routes: []
            """#,
            #"""
            routes.yaml:3:25: `localhost:8080` is not an address to listen on
                  - { name: a, address: localhost:8080 }
                                        ^
                expected: an IP address and a port, such as 127.0.0.1:8080, [::1]:8080 or :8080
                did you mean `127.0.0.1:8080`?
            routes.yaml:4:25: `8080` is not an address to listen on
                  - { name: b, address: 8080 }
                                        ^
                expected: an IP address and a port, such as 127.0.0.1:8080, [::1]:8080 or :8080
                did you mean `:8080`?
            routes.yaml:5:25: `::1:80` is not an address to listen on
                  - { name: c, address: "::1:80" }
                                        ^
                expected: an IP address and a port, such as 127.0.0.1:8080, [::1]:8080 or :8080
            routes.yaml:6:25: `127.0.0.1:65536` is not an address to listen on
                  - { name: d, address: 127.0.0.1:65536 }
                                        ^
                expected: an IP address and a port, such as 127.0.0.1:8080, [::1]:8080 or :8080
            routes.yaml:7:25: `127.0.0.1` is not an address to listen on
                  - { name: e, address: 127.0.0.1 }
                                        ^
                expected: an IP address and a port, such as 127.0.0.1:8080, [::1]:8080 or :8080
                did you mean `127.0.0.1:8080`?
            routes.yaml:8:16: `addres` is not a key of `listener`
                  - { name: f, addres: ":8080" }
                               ^
                expected: one of `name`, `address`, `trusted-proxies`, `proxy-protocol`, `tls`
                did you mean `address`?
            """#),
        BadFile(
            "listeners that collide",
            #"""
            version: 1
            listeners:
              - { name: a, address: 127.0.0.1:8080 }
              - { name: a, address: 127.0.0.1:8081 }
              - { address: 127.0.0.1:8080 }
            admin: { address: 127.0.0.1:8081 }
            routes: []
            """#,
            #"""
            routes.yaml:4:13: the listener `a` is there already, at line 3
                  - { name: a, address: 127.0.0.1:8081 }
                            ^
                expected: an id of its own
            routes.yaml:5:5: `name` is missing: there are several listeners
                  - { address: 127.0.0.1:8080 }
                    ^
                expected: a name of letters, digits, `_`, `-` and `.` that does not begin with `-` or `.`, at most 128 characters
            routes.yaml:5:16: `127.0.0.1:8080` is listened on already, at line 3
                  - { address: 127.0.0.1:8080 }
                               ^
                expected: an address of its own
            routes.yaml:6:19: `127.0.0.1:8081` is listened on already, at line 4
                admin: { address: 127.0.0.1:8081 }
                                  ^
                expected: an address of its own
            """#),
        BadFile(
            "an admin listener that is open to the network",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            admin: { address: ":9901", access-log: stdot }
            routes: []
            """#,
            #"""
            routes.yaml:3:19: warning: the admin listener has no access control and is open to the network
                admin: { address: ":9901", access-log: stdot }
                                  ^
                expected: a loopback address such as 127.0.0.1:9901
            routes.yaml:3:40: `stdot` is a file's name that looks like another word
                admin: { address: ":9901", access-log: stdot }
                                                       ^
                expected: stdout, off, or a path with a `/` or a `.` in it
                did you mean `stdout`?
            """#),
        BadFile(
            "networks",
            #"""
            version: 1
            listeners:
              - address: ":8080"
                trusted-proxies: [10.0.0.1/8, 10.0.0.0/33, fd00::/8, "fd00::1/8", ten]
            routes: []
            """#,
            #"""
            routes.yaml:4:23: `10.0.0.1/8` has bits set after the first 8
                    trusted-proxies: [10.0.0.1/8, 10.0.0.0/33, fd00::/8, "fd00::1/8", ten]
                                      ^
                expected: the network's own address, or a longer prefix
                did you mean `10.0.0.0/8`?
            routes.yaml:4:35: `10.0.0.0/33` is not a network
                    trusted-proxies: [10.0.0.1/8, 10.0.0.0/33, fd00::/8, "fd00::1/8", ten]
                                                  ^
                expected: a network such as 10.0.0.0/8 or fd00::/8, or one address
            routes.yaml:4:58: `fd00::1/8` has bits set after the first 8
                    trusted-proxies: [10.0.0.1/8, 10.0.0.0/33, fd00::/8, "fd00::1/8", ten]
                                                                         ^
                expected: the network's own address, or a longer prefix
            routes.yaml:4:71: `ten` is not a network
                    trusted-proxies: [10.0.0.1/8, 10.0.0.0/33, fd00::/8, "fd00::1/8", ten]
                                                                                      ^
                expected: a network such as 10.0.0.0/8 or fd00::/8, or one address
            """#),
        BadFile(
            "durations",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            defaults:
              timeouts:
                request-head: 10
                idle: 5sec
                stall: 25h
                drain: never
                connect: 1.5s
                request: 99999999999999999h
                response_head: 1s
            routes: []
            """#,
            #"""
            routes.yaml:5:19: the duration `10` has no unit
                    request-head: 10
                                  ^
                expected: a duration such as 500ms, 10s, 2m or 1h (at most 24h), or off
                did you mean `10s`?
            routes.yaml:6:11: `sec` is no unit of time
                    idle: 5sec
                          ^
                expected: a duration such as 500ms, 10s, 2m or 1h (at most 24h), or off
                did you mean `5s`?
            routes.yaml:7:12: 25h is too large
                    stall: 25h
                           ^
                expected: a duration such as 500ms, 10s, 2m or 1h (at most 24h), or off
            routes.yaml:8:12: `never` does not belong here
                    drain: never
                           ^
                expected: a duration such as 500ms, 10s, 2m or 1h (at most 24h), or off
            routes.yaml:9:14: `1.5s` has a fraction
                    connect: 1.5s
                             ^
                expected: a duration such as 500ms, 10s, 2m or 1h (at most 24h), or off
            routes.yaml:10:14: 99999999999999999h is too large
                    request: 99999999999999999h
                             ^
                expected: a duration such as 500ms, 10s, 2m or 1h (at most 24h), or off
            routes.yaml:11:5: `response_head` is not a key of `timeouts`
                    response_head: 1s
                    ^
                expected: one of `request-head`, `idle`, `stall`, `tunnel-idle`, `tls-handshake`, `drain`, `connect`, `response-head`, `upstream-stall`, `request`
                did you mean `response-head`?
            """#),
        BadFile(
            "sizes and numbers",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            defaults:
              limits:
                request-head: 128KiB
                request-target: 1k
                request-fields: 0
                request-body: 10mib
                response-head: off
                connections: "100"
                requests-per-connection: 1e3
                minimum-rate: -1
            routes: []
            """#,
            #"""
            routes.yaml:5:19: 128KiB is too large
                    request-head: 128KiB
                                  ^
                expected: a size such as 512B, 16KiB or 10MiB, from 1KiB to 64KiB
            routes.yaml:6:21: `k` is no unit of size
                    request-target: 1k
                                    ^
                expected: a size such as 512B, 16KiB or 10MiB, from 256B to 64KiB
                did you mean `1KB`?
            routes.yaml:7:21: 0 is too small
                    request-fields: 0
                                    ^
                expected: a whole number from 1 to 1000
            routes.yaml:8:19: `mib` is no unit of size
                    request-body: 10mib
                                  ^
                expected: a size such as 512B, 16KiB or 10MiB, from 1B to 1024GiB, or off
                did you mean `10MiB`?
            routes.yaml:9:20: `off` does not belong here
                    response-head: off
                                   ^
                expected: a size such as 512B, 16KiB or 10MiB, from 1KiB to 64KiB
            routes.yaml:10:18: `100` does not belong here
                    connections: "100"
                                 ^
                expected: a whole number from 1 to 1048576, without quotes
            routes.yaml:11:30: `1e3` does not belong here
                    requests-per-connection: 1e3
                                             ^
                expected: a whole number from 0 to 1000000000
            routes.yaml:12:19: `-1` does not belong here
                    minimum-rate: -1
                                  ^
                expected: a size such as 512B, 16KiB or 10MiB, from 1B to 1GiB, or off
            """#),
        BadFile(
            "a target larger than its head",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            defaults: { limits: { request-head: 4KiB, request-target: 5KiB } }
            routes: []
            """#,
            #"""
            routes.yaml:3:59: `request-target` is larger than `request-head`, which holds it
                defaults: { limits: { request-head: 4KiB, request-target: 5KiB } }
                                                                          ^
                expected: a request-target of at most 4096 octets
            """#),
        BadFile(
            "endpoints and pools",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            upstreams:
              a:
                endpoints: []
                balance: roundrobin
                pool: { connections-max: 10, idle-max: 20 }
              b:
                endpoints:
                  - http://127.0.0.1:9000/x
                  - https://example.com:443
                  - example.com
                  - 127.0.0.1:0
                  - { address: "a:1", weight: 0 }
                  - { weight: 1 }
                  - b:1
                  - B:1
              -c: { endpoints: [c:1] }
            routes:
              - { id: r, split: [{ upstream: a, weight: 1 }, { upstream: b, weight: 1 }] }
            """#,
            #"""
            routes.yaml:5:16: the list has no element
                    endpoints: []
                               ^
                expected: at least 1
            routes.yaml:6:14: `roundrobin` is not known here
                    balance: roundrobin
                             ^
                expected: one of `round-robin`, `least-requests`, `random`, `consistent-hash`, `least-latency`
                did you mean `round-robin`?
            routes.yaml:7:44: `idle-max` is 20, more than the 10 of `connections-max`
                    pool: { connections-max: 10, idle-max: 20 }
                                                           ^
                expected: idle-max of at most 10
            routes.yaml:10:7: the endpoint b:1 is written twice
                      - http://127.0.0.1:9000/x
                      ^
                expected: each endpoint once; `weight` gives it a larger share
            routes.yaml:10:9: `http://127.0.0.1:9000/x` is not the address of an endpoint: it has a scheme
                      - http://127.0.0.1:9000/x
                        ^
                expected: HOST:PORT, such as 127.0.0.1:9000, [::1]:9000 or orders.internal:9000
                did you mean `127.0.0.1:9000`?
            routes.yaml:11:9: `https://example.com:443` is not the address of an endpoint: it has a scheme; `tls: true` beside `endpoints` encrypts
                      - https://example.com:443
                        ^
                expected: HOST:PORT, such as 127.0.0.1:9000, [::1]:9000 or orders.internal:9000
                did you mean `example.com:443`?
            routes.yaml:12:9: `example.com` is not the address of an endpoint
                      - example.com
                        ^
                expected: HOST:PORT, such as 127.0.0.1:9000, [::1]:9000 or orders.internal:9000
            routes.yaml:13:9: `127.0.0.1:0` is not the address of an endpoint
                      - 127.0.0.1:0
                        ^
                expected: HOST:PORT, such as 127.0.0.1:9000, [::1]:9000 or orders.internal:9000
            routes.yaml:14:35: 0 is too small
                      - { address: "a:1", weight: 0 }
                                                  ^
                expected: a whole number from 1 to 1000
            routes.yaml:15:9: `address` is missing
                      - { weight: 1 }
                        ^
                expected: HOST:PORT, such as 127.0.0.1:9000, [::1]:9000 or orders.internal:9000
            routes.yaml:18:3: `-c` is not a name
                  -c: { endpoints: [c:1] }
                  ^
                expected: a name of letters, digits, `_`, `-` and `.` that does not begin with `-` or `.`, at most 128 characters
            """#),
        BadFile(
            "keys of the top level",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            upstream: {}
            route: []
            routes: []
            metrics: 1
            """#,
            #"""
            routes.yaml:3:1: `upstream` is not a key of the file's top level
                upstream: {}
                ^
                expected: one of `version`, `listeners`, `admin`, `defaults`, `tracing`, `filter-sets`, `issuers`, `upstreams`, `routes`
                did you mean `upstreams`?
            routes.yaml:4:1: `route` is not a key of the file's top level
                route: []
                ^
                expected: one of `version`, `listeners`, `admin`, `defaults`, `tracing`, `filter-sets`, `issuers`, `upstreams`, `routes`
                did you mean `routes`?
            routes.yaml:6:1: `metrics` is not a key of the file's top level
                metrics: 1
                ^
                expected: one of `version`, `listeners`, `admin`, `defaults`, `tracing`, `filter-sets`, `issuers`, `upstreams`, `routes`
            """#),
    ]
}
