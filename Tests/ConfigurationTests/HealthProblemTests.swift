import Configuration
import Testing

@Suite struct HealthProblemTests {
    @Test(arguments: cases)
    func `says what is wrong with the health of an upstream`(bad: BadFile) {
        bad.expectReport()
    }

    static let cases: [BadFile] = [
        BadFile(
            "active checks",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            upstreams:
              a: { endpoints: ["a:1"], health: { active: {} } }
              b: { endpoints: ["b:1"], health: { active: { pth: /healthz } } }
              c: { endpoints: ["c:1"], health: { active: { path: healthz, statuses: 2xx, interval: 50ms, timeout: off } } }
              d: { endpoints: ["d:1"], health: { active: { path: "/a b", statuses: [200-100, 600, ok, 204], port: 0, host: "http://d" } } }
              e: { endpoints: ["e:1"], health: { active: { path: /, timeout: 6s } } }
              f: { endpoints: ["f:1"], health: { active: { path: /, rise: 2, fall: 3, inter: 1s, healthy-after: 0 } } }
              g: { endpoints: ["g:1"], health: { active: true } }
              h: { endpoints: ["h:1"], health: { active: no, host: x } }
              i: { endpoints: ["i:1"], health: off, healthcheck: { path: / } }
              j: { endpoints: ["j:1"], health: { active: { path: "http://j/", host: "[::1]:0" } } }
            routes:
              - id: r
                split: [{ upstream: a, weight: 1 }, { upstream: b, weight: 1 }, { upstream: c, weight: 1 }, { upstream: d, weight: 1 }, { upstream: e, weight: 1 }, { upstream: f, weight: 1 }, { upstream: g, weight: 1 }, { upstream: h, weight: 1 }, { upstream: i, weight: 1 }, { upstream: j, weight: 1 }]
            """#,
            #"""
            routes.yaml:4:46: `path` is missing
                  a: { endpoints: ["a:1"], health: { active: {} } }
                                                             ^
                expected: a path such as /healthz
            routes.yaml:5:48: `pth` is not a key of `active`
                  b: { endpoints: ["b:1"], health: { active: { pth: /healthz } } }
                                                               ^
                expected: one of `path`, `statuses`, `interval`, `timeout`, `healthy-after`, `unhealthy-after`, `port`, `host`
                did you mean `path`?
            routes.yaml:6:54: the path `healthz` does not begin with `/`
                  c: { endpoints: ["c:1"], health: { active: { path: healthz, statuses: 2xx, interval: 50ms, timeout: off } } }
                                                                     ^
                expected: a path such as /healthz
                did you mean `/healthz`?
            routes.yaml:6:73: `2xx` is not a status or a range of them
                  c: { endpoints: ["c:1"], health: { active: { path: healthz, statuses: 2xx, interval: 50ms, timeout: off } } }
                                                                                        ^
                expected: a status such as 200, or several such as 200-299, from 200 to 599
                did you mean `200-299`?
            routes.yaml:6:88: 50ms is too small
                  c: { endpoints: ["c:1"], health: { active: { path: healthz, statuses: 2xx, interval: 50ms, timeout: off } } }
                                                                                                       ^
                expected: a duration such as 500ms, 10s, 2m or 1h, from 100ms to 24h
            routes.yaml:6:103: `off` does not belong here
                  c: { endpoints: ["c:1"], health: { active: { path: healthz, statuses: 2xx, interval: 50ms, timeout: off } } }
                                                                                                                      ^
                expected: a duration such as 500ms, 10s, 2m or 1h, from 1ms to 24h
            routes.yaml:7:57: the character cannot stand in a request's target as it is
                  d: { endpoints: ["d:1"], health: { active: { path: "/a b", statuses: [200-100, 600, ok, 204], port: 0, host: "http://d
                                                                        ^
                expected: its percent-encoding, such as %20
            routes.yaml:7:73: `200-100` is not a status or a range of them
                endpoints: ["d:1"], health: { active: { path: "/a b", statuses: [200-100, 600, ok, 204], port: 0, host: "http://d" } } }
                                                                                 ^
                expected: a status such as 200, or several such as 200-299, from 200 to 599
            routes.yaml:7:82: `600` is not a status or a range of them
                endpoints: ["d:1"], health: { active: { path: "/a b", statuses: [200-100, 600, ok, 204], port: 0, host: "http://d" } } }
                                                                                          ^
                expected: a status such as 200, or several such as 200-299, from 200 to 599
            routes.yaml:7:87: `ok` is not a status or a range of them
                endpoints: ["d:1"], health: { active: { path: "/a b", statuses: [200-100, 600, ok, 204], port: 0, host: "http://d" } } }
                                                                                               ^
                expected: a status such as 200, or several such as 200-299, from 200 to 599
            routes.yaml:7:103: 0 is too small
                endpoints: ["d:1"], health: { active: { path: "/a b", statuses: [200-100, 600, ok, 204], port: 0, host: "http://d" } } }
                                                                                                               ^
                expected: a whole number from 1 to 65535
            routes.yaml:7:112: `http://d` is not the value of a field `Host`
                endpoints: ["d:1"], health: { active: { path: "/a b", statuses: [200-100, 600, ok, 204], port: 0, host: "http://d" } } }
                                                                                                                        ^
                expected: a host name such as orders.internal, with or without a port
            routes.yaml:8:66: warning: a check may take longer than `interval`, so the next one begins late
                  e: { endpoints: ["e:1"], health: { active: { path: /, timeout: 6s } } }
                                                                                 ^
                expected: a `timeout` of at most `interval`
            routes.yaml:9:57: `rise` is not a key of `active`
                  f: { endpoints: ["f:1"], health: { active: { path: /, rise: 2, fall: 3, inter: 1s, healthy-after: 0 } } }
                                                                        ^
                expected: one of `path`, `statuses`, `interval`, `timeout`, `healthy-after`, `unhealthy-after`, `port`, `host`
                did you mean `healthy-after`?
            routes.yaml:9:66: `fall` is not a key of `active`
                  f: { endpoints: ["f:1"], health: { active: { path: /, rise: 2, fall: 3, inter: 1s, healthy-after: 0 } } }
                                                                                 ^
                expected: one of `path`, `statuses`, `interval`, `timeout`, `healthy-after`, `unhealthy-after`, `port`, `host`
                did you mean `unhealthy-after`?
            routes.yaml:9:75: `inter` is not a key of `active`
                  f: { endpoints: ["f:1"], health: { active: { path: /, rise: 2, fall: 3, inter: 1s, healthy-after: 0 } } }
                                                                                          ^
                expected: one of `path`, `statuses`, `interval`, `timeout`, `healthy-after`, `unhealthy-after`, `port`, `host`
                did you mean `interval`?
            routes.yaml:9:101: 0 is too small
                  f: { endpoints: ["f:1"], health: { active: { path: /, rise: 2, fall: 3, inter: 1s, healthy-after: 0 } } }
                                                                                                                    ^
                expected: a whole number from 1 to 1000
            routes.yaml:10:46: `true` does not belong here
                  g: { endpoints: ["g:1"], health: { active: true } }
                                                             ^
                expected: off, or a mapping with the keys `path`, `statuses`, `interval`, `timeout`, `healthy-after`, `unhealthy-after`, `port`, `host`
            routes.yaml:11:46: `no` does not belong here
                  h: { endpoints: ["h:1"], health: { active: no, host: x } }
                                                             ^
                expected: off, or a mapping with the keys `path`, `statuses`, `interval`, `timeout`, `healthy-after`, `unhealthy-after`, `port`, `host`
                did you mean `off`?
            routes.yaml:11:50: `host` is not a key of `health`
                  h: { endpoints: ["h:1"], health: { active: no, host: x } }
                                                                 ^
                expected: one of `panic`, `active`, `passive`
            routes.yaml:12:36: `off` does not belong here
                  i: { endpoints: ["i:1"], health: off, healthcheck: { path: / } }
                                                   ^
                expected: a mapping with the keys `panic`, `active`, `passive`
            routes.yaml:12:41: `healthcheck` is not a key of `upstream`
                  i: { endpoints: ["i:1"], health: off, healthcheck: { path: / } }
                                                        ^
                expected: one of `endpoints`, `balance`, `hash`, `hash-load-max`, `sticky-cookie`, `slow-start`, `tls`, `pool`, `health`, `retries`, `retry-budget`, `hedge`, `breaker`, `queue`, `adaptive-concurrency`, `trace-headers`, `proxy-protocol`, `timeouts`
                did you mean `health`?
            routes.yaml:13:54: the path `http://j/` does not begin with `/`
                  j: { endpoints: ["j:1"], health: { active: { path: "http://j/", host: "[::1]:0" } } }
                                                                     ^
                expected: a path such as /healthz
            routes.yaml:13:73: `[::1]:0` is not the value of a field `Host`
                  j: { endpoints: ["j:1"], health: { active: { path: "http://j/", host: "[::1]:0" } } }
                                                                                        ^
                expected: a host name such as orders.internal, with or without a port
            """#),
        BadFile(
            "passive checks",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            upstreams:
              a: { endpoints: ["a:1"], health: { passive: { eject: 10s, eject-max: 5s } } }
              b: { endpoints: ["b:1"], health: { passive: { consecutive-failures: 0 } } }
              c: { endpoints: ["c:1"], health: { passive: { window: 5s, minimum-requests: 5 } } }
              d: { endpoints: ["d:1"], health: { outlier-detection: {}, passive: { consecutive-5xx: 5, max-ejection-percent: 10 } } }
              e: { endpoints: ["e:1"], health: { passive: { failure-rate: 0%, window: off, eject: 0s } } }
            routes:
              - id: r
                split: [{ upstream: a, weight: 1 }, { upstream: b, weight: 1 }, { upstream: c, weight: 1 }, { upstream: d, weight: 1 }, { upstream: e, weight: 1 }]
            """#,
            #"""
            routes.yaml:4:72: `eject-max` is shorter than `eject`
                  a: { endpoints: ["a:1"], health: { passive: { eject: 10s, eject-max: 5s } } }
                                                                                       ^
                expected: `eject` or longer
            routes.yaml:5:47: warning: neither `consecutive-failures` nor `failure-rate` ever ejects an endpoint
                  b: { endpoints: ["b:1"], health: { passive: { consecutive-failures: 0 } } }
                                                              ^
                expected: `passive: off`, or one of them
            routes.yaml:6:57: warning: `window` has no effect without `failure-rate`
                  c: { endpoints: ["c:1"], health: { passive: { window: 5s, minimum-requests: 5 } } }
                                                                        ^
                expected: `failure-rate` beside it
            routes.yaml:6:79: warning: `minimum-requests` has no effect without `failure-rate`
                  c: { endpoints: ["c:1"], health: { passive: { window: 5s, minimum-requests: 5 } } }
                                                                                              ^
                expected: `failure-rate` beside it
            routes.yaml:7:38: `outlier-detection` is not a key of `health`
                  d: { endpoints: ["d:1"], health: { outlier-detection: {}, passive: { consecutive-5xx: 5, max-ejection-percent: 10 } } 
                                                     ^
                expected: one of `panic`, `active`, `passive`
                did you mean `passive`?
            routes.yaml:7:72: `consecutive-5xx` is not a key of `passive`
                 d: { endpoints: ["d:1"], health: { outlier-detection: {}, passive: { consecutive-5xx: 5, max-ejection-percent: 10 } } }
                                                                                      ^
                expected: one of `consecutive-failures`, `failure-rate`, `window`, `minimum-requests`, `eject`, `eject-max`, `ejected-max`
                did you mean `consecutive-failures`?
            routes.yaml:7:92: `max-ejection-percent` is not a key of `passive`
                 d: { endpoints: ["d:1"], health: { outlier-detection: {}, passive: { consecutive-5xx: 5, max-ejection-percent: 10 } } }
                                                                                                          ^
                expected: one of `consecutive-failures`, `failure-rate`, `window`, `minimum-requests`, `eject`, `eject-max`, `ejected-max`
                did you mean `ejected-max`?
            routes.yaml:8:75: `off` does not belong here
                  e: { endpoints: ["e:1"], health: { passive: { failure-rate: 0%, window: off, eject: 0s } } }
                                                                                          ^
                expected: a duration such as 10s, 2m or 1h, from 1s to 1h
            routes.yaml:8:75: warning: `window` has no effect without `failure-rate`
                  e: { endpoints: ["e:1"], health: { passive: { failure-rate: 0%, window: off, eject: 0s } } }
                                                                                          ^
                expected: `failure-rate` beside it
            routes.yaml:8:87: 0s is too small
                  e: { endpoints: ["e:1"], health: { passive: { failure-rate: 0%, window: off, eject: 0s } } }
                                                                                                      ^
                expected: a duration such as 500ms, 10s, 2m or 1h, from 1ms to 24h
            """#),
    ]
}
