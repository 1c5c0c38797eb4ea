import Configuration
import Testing

@Suite struct ResilienceProblemTests {
    @Test(arguments: cases)
    func `says what is wrong with retries and their kin`(bad: BadFile) {
        bad.expectReport()
    }

    static let cases: [BadFile] = [
        BadFile(
            "retries",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            upstreams:
              a: { endpoints: ["a:1"], retries: { attempts: 0, on: [connect-failur, conn-failure, 5xx, 200, reset, reset] } }
              b: { endpoints: ["b:1"], retries: { on: [], per-try-timeout: 1s } }
              c: { endpoints: ["c:1"], retries: { on: [timeout], per-try-timeout: 5s }, timeouts: { request: 5s } }
              d: { endpoints: ["d:1"], retries: { per-try-timeout: 1s } }
              e: { endpoints: ["e:1"], retries: { back-off: 1s, back-off-max: 500ms } }
              f: { endpoints: ["f:1"], retries: none }
              g: { endpoints: ["g:1"], retries: 3 }
              h: { endpoints: ["h:1"], retries: { on: timout, num-retries: 3, retry-on: [] }, retry-budget: { share: 0.2, minimum: -1 } }
              i: { endpoints: ["i:1"], retry: { attempts: 2 }, retries: { on: ["502"] } }
            routes:
              - id: r
                split: [{ upstream: a, weight: 1 }, { upstream: b, weight: 1 }, { upstream: c, weight: 1 }, { upstream: d, weight: 1 }, { upstream: e, weight: 1 }, { upstream: f, weight: 1 }, { upstream: g, weight: 1 }, { upstream: h, weight: 1 }, { upstream: i, weight: 1 }]
            """#,
            #"""
            routes.yaml:4:49: 0 is too small
                  a: { endpoints: ["a:1"], retries: { attempts: 0, on: [connect-failur, conn-failure, 5xx, 200, reset, reset] } }
                                                                ^
                expected: a whole number from 1 to 10
            routes.yaml:4:57: `connect-failur` is not known here
                  a: { endpoints: ["a:1"], retries: { attempts: 0, on: [connect-failur, conn-failure, 5xx, 200, reset, reset] } }
                                                                        ^
                expected: `connect-failure`, `reset`, `timeout`, or a status from 400 to 599
                did you mean `connect-failure`?
            routes.yaml:4:73: `conn-failure` is not known here
                  a: { endpoints: ["a:1"], retries: { attempts: 0, on: [connect-failur, conn-failure, 5xx, 200, reset, reset] } }
                                                                                        ^
                expected: `connect-failure`, `reset`, `timeout`, or a status from 400 to 599
                did you mean `connect-failure`?
            routes.yaml:4:87: `5xx` is not known here: statuses are written one by one
                  a: { endpoints: ["a:1"], retries: { attempts: 0, on: [connect-failur, conn-failure, 5xx, 200, reset, reset] } }
                                                                                                      ^
                expected: `connect-failure`, `reset`, `timeout`, or a status from 400 to 599
                did you mean `502, 503, 504`?
            routes.yaml:4:92: `200` is not known here
                  a: { endpoints: ["a:1"], retries: { attempts: 0, on: [connect-failur, conn-failure, 5xx, 200, reset, reset] } }
                                                                                                           ^
                expected: `connect-failure`, `reset`, `timeout`, or a status from 400 to 599
            routes.yaml:4:104: `reset` is written twice
                  a: { endpoints: ["a:1"], retries: { attempts: 0, on: [connect-failur, conn-failure, 5xx, 200, reset, reset] } }
                                                                                                                       ^
                expected: each value once
            routes.yaml:5:43: the list has no element
                  b: { endpoints: ["b:1"], retries: { on: [], per-try-timeout: 1s } }
                                                          ^
                expected: at least 1
            routes.yaml:5:64: warning: an attempt that reaches `per-try-timeout` is not followed by another
                  b: { endpoints: ["b:1"], retries: { on: [], per-try-timeout: 1s } }
                                                                               ^
                expected: `timeout` among `on`
            routes.yaml:6:71: warning: one attempt may take as long as the whole exchange, so there is no time for another
                  c: { endpoints: ["c:1"], retries: { on: [timeout], per-try-timeout: 5s }, timeouts: { request: 5s } }
                                                                                      ^
                expected: a `per-try-timeout` shorter than the time limit `request`
            routes.yaml:7:56: warning: an attempt that reaches `per-try-timeout` is not followed by another
                  d: { endpoints: ["d:1"], retries: { per-try-timeout: 1s } }
                                                                       ^
                expected: `timeout` among `on`
            routes.yaml:8:67: `back-off-max` is shorter than `back-off`
                  e: { endpoints: ["e:1"], retries: { back-off: 1s, back-off-max: 500ms } }
                                                                                  ^
                expected: `back-off` or longer
            routes.yaml:9:37: `none` does not belong here
                  f: { endpoints: ["f:1"], retries: none }
                                                    ^
                expected: off, or a mapping with the keys `attempts`, `on`, `per-try-timeout`, `back-off`, `back-off-max`, `retry-after-max`
                did you mean `off`?
            routes.yaml:10:37: `3` does not belong here
                  g: { endpoints: ["g:1"], retries: 3 }
                                                    ^
                expected: off, or a mapping with the keys `attempts`, `on`, `per-try-timeout`, `back-off`, `back-off-max`, `retry-after-max`
            routes.yaml:11:43: `timout` is not known here
                  h: { endpoints: ["h:1"], retries: { on: timout, num-retries: 3, retry-on: [] }, retry-budget: { share: 0.2, minimum: -
                                                          ^
                expected: `connect-failure`, `reset`, `timeout`, or a status from 400 to 599
                did you mean `timeout`?
            routes.yaml:11:51: `num-retries` is not a key of `retries`
                  h: { endpoints: ["h:1"], retries: { on: timout, num-retries: 3, retry-on: [] }, retry-budget: { share: 0.2, minimum: -
                                                                  ^
                expected: one of `attempts`, `on`, `per-try-timeout`, `back-off`, `back-off-max`, `retry-after-max`
            routes.yaml:11:67: `retry-on` is not a key of `retries`
                { endpoints: ["h:1"], retries: { on: timout, num-retries: 3, retry-on: [] }, retry-budget: { share: 0.2, minimum: -1 } }
                                                                             ^
                expected: one of `attempts`, `on`, `per-try-timeout`, `back-off`, `back-off-max`, `retry-after-max`
                did you mean `on`?
            routes.yaml:11:106: the percentage `0.2` has no `%`
                { endpoints: ["h:1"], retries: { on: timout, num-retries: 3, retry-on: [] }, retry-budget: { share: 0.2, minimum: -1 } }
                                                                                                                    ^
                expected: a percentage from 0% to 1000%
                did you mean `20%`?
            routes.yaml:11:120: -1 is too small
                { endpoints: ["h:1"], retries: { on: timout, num-retries: 3, retry-on: [] }, retry-budget: { share: 0.2, minimum: -1 } }
                                                                                                                                  ^
                expected: a whole number from 0 to 65536
            routes.yaml:12:28: `retry` is not a key of `upstream`
                  i: { endpoints: ["i:1"], retry: { attempts: 2 }, retries: { on: ["502"] } }
                                           ^
                expected: one of `endpoints`, `balance`, `hash`, `hash-load-max`, `sticky-cookie`, `slow-start`, `tls`, `pool`, `health`, `retries`, `retry-budget`, `hedge`, `breaker`, `queue`, `adaptive-concurrency`, `trace-headers`, `proxy-protocol`, `timeouts`
                did you mean `retries`?
            routes.yaml:12:68: `502` is not known here
                  i: { endpoints: ["i:1"], retry: { attempts: 2 }, retries: { on: ["502"] } }
                                                                                   ^
                expected: `connect-failure`, `reset`, `timeout`, or a status from 400 to 599
            """#),
        BadFile(
            "hedges, breakers and queues",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            upstreams:
              a: { endpoints: ["a:1"], hedge: { percentile: 99.9, delay-min: 3s } }
              b: { endpoints: ["b:1"], hedge: { percentile: 100, delay-min: 3s, delay-max: 2s } }
              c: { endpoints: ["c:1"], hedge: on, breaker: { failure-rate: off, window: 10ms, open: off, probes: 0, minimum-requests: 0 } }
              d: { endpoints: ["d:1"], circuit-breaker: true, queue: { pending-max: 0, timeout: off } }
              e: { endpoints: ["e:1"], queue: true, breaker: yes, hedge: [] }
            routes:
              - id: r
                split: [{ upstream: a, weight: 1 }, { upstream: b, weight: 1 }, { upstream: c, weight: 1 }, { upstream: d, weight: 1 }, { upstream: e, weight: 1 }]
            """#,
            #"""
            routes.yaml:4:49: `99.9` does not belong here
                  a: { endpoints: ["a:1"], hedge: { percentile: 99.9, delay-min: 3s } }
                                                                ^
                expected: a whole number from 50 to 99
            routes.yaml:5:49: 100 is too large
                  b: { endpoints: ["b:1"], hedge: { percentile: 100, delay-min: 3s, delay-max: 2s } }
                                                                ^
                expected: a whole number from 50 to 99
            routes.yaml:5:80: `delay-max` is shorter than `delay-min`
                  b: { endpoints: ["b:1"], hedge: { percentile: 100, delay-min: 3s, delay-max: 2s } }
                                                                                               ^
                expected: `delay-min` or longer
            routes.yaml:6:35: `on` does not belong here
                  c: { endpoints: ["c:1"], hedge: on, breaker: { failure-rate: off, window: 10ms, open: off, probes: 0, minimum-requests
                                                  ^
                expected: true, off, or a mapping with the keys `percentile`, `delay-min`, `delay-max`
                did you mean `true`?
            routes.yaml:6:64: `off` does not belong here
                : { endpoints: ["c:1"], hedge: on, breaker: { failure-rate: off, window: 10ms, open: off, probes: 0, minimum-requests: 0
                                                                            ^
                expected: a percentage from 1% to 100%
            routes.yaml:6:77: 10ms is too small
                endpoints: ["c:1"], hedge: on, breaker: { failure-rate: off, window: 10ms, open: off, probes: 0, minimum-requests: 0 } }
                                                                                     ^
                expected: a duration such as 10s, 2m or 1h, from 1s to 1h
            routes.yaml:6:89: `off` does not belong here
                endpoints: ["c:1"], hedge: on, breaker: { failure-rate: off, window: 10ms, open: off, probes: 0, minimum-requests: 0 } }
                                                                                                 ^
                expected: a duration such as 500ms, 10s, 2m or 1h, from 1ms to 24h
            routes.yaml:6:102: 0 is too small
                endpoints: ["c:1"], hedge: on, breaker: { failure-rate: off, window: 10ms, open: off, probes: 0, minimum-requests: 0 } }
                                                                                                              ^
                expected: a whole number from 1 to 1000
            routes.yaml:6:123: 0 is too small
                endpoints: ["c:1"], hedge: on, breaker: { failure-rate: off, window: 10ms, open: off, probes: 0, minimum-requests: 0 } }
                                                                                                                                   ^
                expected: a whole number from 1 to 1000000
            routes.yaml:7:28: `circuit-breaker` is not a key of `upstream`
                  d: { endpoints: ["d:1"], circuit-breaker: true, queue: { pending-max: 0, timeout: off } }
                                           ^
                expected: one of `endpoints`, `balance`, `hash`, `hash-load-max`, `sticky-cookie`, `slow-start`, `tls`, `pool`, `health`, `retries`, `retry-budget`, `hedge`, `breaker`, `queue`, `adaptive-concurrency`, `trace-headers`, `proxy-protocol`, `timeouts`
                did you mean `breaker`?
            routes.yaml:7:73: 0 is too small
                  d: { endpoints: ["d:1"], circuit-breaker: true, queue: { pending-max: 0, timeout: off } }
                                                                                        ^
                expected: a whole number from 1 to 1048576
            routes.yaml:7:85: `off` does not belong here
                  d: { endpoints: ["d:1"], circuit-breaker: true, queue: { pending-max: 0, timeout: off } }
                                                                                                    ^
                expected: a duration such as 500ms, 10s, 2m or 1h, from 1ms to 24h
            routes.yaml:8:35: `true` does not belong here
                  e: { endpoints: ["e:1"], queue: true, breaker: yes, hedge: [] }
                                                  ^
                expected: off, or a mapping with the keys `pending-max`, `timeout`
            routes.yaml:8:50: `yes` does not belong here
                  e: { endpoints: ["e:1"], queue: true, breaker: yes, hedge: [] }
                                                                 ^
                expected: true, off, or a mapping with the keys `failure-rate`, `window`, `minimum-requests`, `open`, `probes`
                did you mean `true`?
            routes.yaml:8:62: a list does not belong here
                  e: { endpoints: ["e:1"], queue: true, breaker: yes, hedge: [] }
                                                                             ^
                expected: true, off, or a mapping with the keys `percentile`, `delay-min`, `delay-max`
            """#),
        BadFile(
            "what defaults cause is told there",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            defaults:
              timeouts: { request: 1s }
              upstream:
                health: { active: { path: /, interval: 1s, timeout: 2s } }
                retries: { per-try-timeout: 2s, on: [timeout] }
                hedge: { delay-min: 3s, delay-max: 1s }
            upstreams:
              a: { endpoints: ["a:1"] }
              b: { endpoints: ["b:1"], timeouts: { request: 10s }, health: { active: { timeout: 500ms } } }
              c: { endpoints: ["c:1"], timeouts: { request: 2s }, health: { active: { interval: 1500ms } } }
            routes:
              - id: r
                split: [{ upstream: a, weight: 1 }, { upstream: b, weight: 1 }, { upstream: c, weight: 1 }]
            """#,
            #"""
            routes.yaml:6:57: warning: a check may take longer than `interval`, so the next one begins late
                    health: { active: { path: /, interval: 1s, timeout: 2s } }
                                                                        ^
                expected: a `timeout` of at most `interval`
            routes.yaml:7:33: warning: one attempt may take as long as the whole exchange, so there is no time for another
                    retries: { per-try-timeout: 2s, on: [timeout] }
                                                ^
                expected: a `per-try-timeout` shorter than the time limit `request`
            routes.yaml:8:40: `delay-max` is shorter than `delay-min`
                    hedge: { delay-min: 3s, delay-max: 1s }
                                                       ^
                expected: `delay-min` or longer
            routes.yaml:12:49: warning: one attempt may take as long as the whole exchange, so there is no time for another
                  c: { endpoints: ["c:1"], timeouts: { request: 2s }, health: { active: { interval: 1500ms } } }
                                                                ^
                expected: a `per-try-timeout` shorter than the time limit `request`
            routes.yaml:12:85: warning: a check may take longer than `interval`, so the next one begins late
                  c: { endpoints: ["c:1"], timeouts: { request: 2s }, health: { active: { interval: 1500ms } } }
                                                                                                    ^
                expected: a `timeout` of at most `interval`
            """#),
    ]
}
