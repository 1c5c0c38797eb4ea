import Testing

@Suite struct LimitProblemTests {
    @Test(arguments: cases)
    func `says what is wrong with limits and keys`(bad: BadFile) {
        bad.expectReport()
    }

    static let cases: [BadFile] = [
        BadFile(
            "fields that the gateway fills, and values of limits",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            issuers:
              open: { issuer: http://id.example.com/realms/shop }
              near: { issuer: http://127.0.0.1:8081/realms/shop }
            upstreams: { u: { endpoints: ["u:1"] } }
            routes:
              - id: a
                match: { path: /a }
                forward: u
                filters:
                  - set-request-header: { name: x-user, value: nobody }
                  - jwt: { issuers: [open, near], headers: { X-User: sub } }
                  - api-key: { keys: { a: "sha256:0000000000000000000000000000000000000000000000000000000000000000" }, name-header: X-Consumer }
                  - remove-request-header: X-Consumer
              - id: b
                match: { path: /b }
                forward: u
                filters:
                  - rate-limit: { rate: 5, key: { claim: sub } }
                  - rate-limit: { rate: 5/s }
                  - rate-limit: { rate: 6/s, key: everybody, plans: { a: 5/s } }
                  - api-key: { keys: { a: s3cret } }
            """#,
            #"""
            routes.yaml:4:3: warning: the keys of `open` come without TLS: whoever stands between can put in their own
                  open: { issuer: http://id.example.com/realms/shop }
                  ^
                expected: https in place of `http://id.example.com/realms/shop`
            routes.yaml:12:29: `x-user` is filled from what the client shows, at line 13
                      - set-request-header: { name: x-user, value: nobody }
                                            ^
                expected: another header field; what clients send under this name is removed in any case
            routes.yaml:15:32: `X-Consumer` is filled from what the client shows, at line 14
                      - remove-request-header: X-Consumer
                                               ^
                expected: another header field; what clients send under this name is removed in any case
            routes.yaml:20:29: `5` is not a rate
                      - rate-limit: { rate: 5, key: { claim: sub } }
                                            ^
                expected: a rate such as 100/s, 5/m, 1000/h or 10/500ms
                did you mean `5/s`?
            routes.yaml:22:57: `plans` need a key that is one text
                      - rate-limit: { rate: 6/s, key: everybody, plans: { a: 5/s } }
                                                                        ^
                expected: a `key` of one header, cookie or claim
            routes.yaml:23:31: this is not the digest of a key
                      - api-key: { keys: { a: s3cret } }
                                              ^
                expected: `sha256:` and 64 hexadecimal digits, as `printf %s KEY | sha256sum` prints them
            """#),
        BadFile(
            "limits beside others",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            filter-sets:
              shared: [{ rate-limit: { rate: 5/s } }]
            upstreams: { u: { endpoints: ["u:1"] } }
            routes:
              - { id: a, match: { path: /a }, forward: u, filters: [{ use: shared }, { rate-limit: { rate: 1/s } }, { rate-limit: { rate: 2/s } }] }
              - { id: b, match: { path: /b }, forward: u, filters: [{ rate-limit: { name: shared, rate: 6/s } }] }
              - { id: c, match: { path: /c }, forward: u, filters: [{ concurrency-limit: { limit: 5, key: [everybody, route] } }] }
              - { id: d, match: { path: /d }, forward: u, filters: [{ rate-limit: { rate: 5/m, key: { claim: sub }, cost: { POST: 6 } } }] }
              - { id: e, match: { path: /e }, forward: u, filters: [{ rate-limit: { rate: 2000000/s } }, { ratelimit: { average: 5 } }] }
            """#,
            #"""
            routes.yaml:7:119: the limit `a` is another one at line 7
                ch: { path: /a }, forward: u, filters: [{ use: shared }, { rate-limit: { rate: 1/s } }, { rate-limit: { rate: 2/s } }] }
                                                                                                                      ^
                expected: the same limit under the same name, or another `name`
            routes.yaml:8:71: the limit `shared` is another one at line 4
                  - { id: b, match: { path: /b }, forward: u, filters: [{ rate-limit: { name: shared, rate: 6/s } }] }
                                                                                      ^
                expected: the same limit under the same name, or another `name`
            routes.yaml:9:95: `everybody` cannot stand beside others
                  - { id: c, match: { path: /c }, forward: u, filters: [{ concurrency-limit: { limit: 5, key: [everybody, route] } }] }
                                                                                                              ^
                expected: `everybody` alone
            routes.yaml:10:119: a request of POST costs more than may ever come at once
                : d, match: { path: /d }, forward: u, filters: [{ rate-limit: { rate: 5/m, key: { claim: sub }, cost: { POST: 6 } } }] }
                                                                                                                              ^
                expected: at most 5, or a larger `burst`
            routes.yaml:11:79: `2000000/s` is out of range
                 id: e, match: { path: /e }, forward: u, filters: [{ rate-limit: { rate: 2000000/s } }, { ratelimit: { average: 5 } }] }
                                                                                         ^
                expected: at most 1000000 in at least 1ms and at most 366d, and at most one in a microsecond
            routes.yaml:11:96: `ratelimit` is not a key of `filter`
                 id: e, match: { path: /e }, forward: u, filters: [{ rate-limit: { rate: 2000000/s } }, { ratelimit: { average: 5 } }] }
                                                                                                          ^
                expected: one of `strip-prefix`, `rewrite-path`, `set-request-header`, `remove-request-header`, `set-response-header`, `remove-response-header`, `request-size`, `ip-allow`, `ip-deny`, `cors`, `secure-headers`, `jwt`, `api-key`, `rate-limit`, `concurrency-limit`, `fault`, `use`
                did you mean `rate-limit`?
            """#),
        BadFile(
            "costs that never fit, faults that do nothing, addresses that only look near",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            issuers: { a: { issuer: "http://localhost.evil.example/r" }, b: { issuer: "http://127.0.0.1:80/r" }, c: { issuer: "http://[::1]/r" } }
            upstreams: { u: { endpoints: ["u:1"] } }
            routes:
              - { id: a, match: { path: /a }, forward: u, filters: [{ jwt: { issuers: [a, b, c] } }, { rate-limit: { rate: 10/s, burst: 1, cost: { POST: 5 } } }, { fault: {} }] }
              - { id: b, match: { path: /b }, forward: u, filters: [{ rate-limit: { rate: 10/s, key: { header: x }, plans: { p: 2/s }, cost: { POST: 5 } } }] }
            """#,
            #"""
            routes.yaml:3:12: warning: the keys of `a` come without TLS: whoever stands between can put in their own
                issuers: { a: { issuer: "http://localhost.evil.example/r" }, b: { issuer: "http://127.0.0.1:80/r" }, c: { issuer: "http:
                           ^
                expected: https in place of `http://localhost.evil.example/r`
            routes.yaml:6:142: a request of POST costs more than may ever come at once
                filters: [{ jwt: { issuers: [a, b, c] } }, { rate-limit: { rate: 10/s, burst: 1, cost: { POST: 5 } } }, { fault: {} }] }
                                                                                                               ^
                expected: at most 1, or a larger `burst`
            routes.yaml:6:160: the fault does nothing
                filters: [{ jwt: { issuers: [a, b, c] } }, { rate-limit: { rate: 10/s, burst: 1, cost: { POST: 5 } } }, { fault: {} }] }
                                                                                                                                 ^
                expected: `delay`, `abort`, or both
            routes.yaml:7:138: a request of POST costs more than may ever come at once
                 /b }, forward: u, filters: [{ rate-limit: { rate: 10/s, key: { header: x }, plans: { p: 2/s }, cost: { POST: 5 } } }] }
                                                                                                                              ^
                expected: at most 2, or a larger `burst` here and in each plan
            """#),
    ]
}
