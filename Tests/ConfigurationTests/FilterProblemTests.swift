import Testing

@Suite struct FilterProblemTests {
    @Test(arguments: cases)
    func `says what is wrong with filters`(bad: BadFile) {
        bad.expectReport()
    }

    static let cases: [BadFile] = [
        BadFile(
            "filters",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            defaults: { filters: [{ use: common }, { rewrite-path: "/x/{id}" }] }
            filter-sets:
              common: [{ use: other }]
              other: [{ ip-allow: [10.0.0.1/8, 300.0.0.1] }]
              lonely: [{ secure-headers: { frame-options: off } }]
            upstreams: { u: { endpoints: ["u:1"] } }
            routes:
              - { id: a, match: { path: /a }, forward: u, filters: [{ use: comon }] }
              - { id: b, match: { path: "/b/{id}" }, forward: u, filters: [{ cors: { origins: "*", credentials: true } }] }
              - { id: c, match: { path: "/c/{id}" }, forward: u, filters: [{ cors: { origins: [shop.example.com, "https://a.example/", "https://a.example:443"] } }] }
              - { id: d, match: { path: "/d/{id}" }, forward: u, filters: [{ cors: { allow-origins: "*", max-age: 1500ms } }] }
              - { id: e, match: { path: "/e/{id}" }, forward: u, filters: [{ whitelist: 10.0.0.0/8 }, { use: other, ip-deny: ["::1"] }] }
              - { id: f, match: { path: "/f/{id}" }, forward: u, filters: [{ secure-headers: { hsts-max-age: 90 } }, {}] }
            """#,
            #"""
            routes.yaml:3:60: `{id}` is not captured by every path of the match
                defaults: { filters: [{ use: common }, { rewrite-path: "/x/{id}" }] }
                                                                           ^
                expected: a path in the match that captures it, such as /items/{id}
            routes.yaml:5:19: a set of filters cannot use another one
                  common: [{ use: other }]
                                  ^
                expected: the filters themselves
            routes.yaml:6:24: `10.0.0.1/8` has bits set after the first 8
                  other: [{ ip-allow: [10.0.0.1/8, 300.0.0.1] }]
                                       ^
                expected: the network's own address, or a longer prefix
                did you mean `10.0.0.0/8`?
            routes.yaml:6:36: `300.0.0.1` is not a network
                  other: [{ ip-allow: [10.0.0.1/8, 300.0.0.1] }]
                                                   ^
                expected: a network such as 10.0.0.0/8 or fd00::/8, or one address
            routes.yaml:7:3: warning: no route uses the filters `lonely`
                  lonely: [{ secure-headers: { frame-options: off } }]
                  ^
            routes.yaml:10:64: there is no set of filters `comon`
                  - { id: a, match: { path: /a }, forward: u, filters: [{ use: comon }] }
                                                                               ^
                expected: a name under `filter-sets`
                did you mean `common`?
            routes.yaml:11:101: `credentials` cannot stand beside the origin `*`: every page could act for every user
                  - { id: b, match: { path: "/b/{id}" }, forward: u, filters: [{ cors: { origins: "*", credentials: true } }] }
                                                                                                                    ^
                expected: the origins that may, or no `credentials`
            routes.yaml:12:84: `shop.example.com` is not an origin
                ath: "/c/{id}" }, forward: u, filters: [{ cors: { origins: [shop.example.com, "https://a.example/", "https://a.example:4
                                                                            ^
                expected: a scheme, a host, and a port unless it is the scheme's own; no path
                did you mean `https://shop.example.com`?
            routes.yaml:12:102: `https://a.example/` is not an origin
                d}" }, forward: u, filters: [{ cors: { origins: [shop.example.com, "https://a.example/", "https://a.example:443"] } }] }
                                                                                   ^
                expected: a scheme, a host, and a port unless it is the scheme's own; no path
                did you mean `https://a.example`?
            routes.yaml:12:124: `https://a.example:443` is not an origin
                d}" }, forward: u, filters: [{ cors: { origins: [shop.example.com, "https://a.example/", "https://a.example:443"] } }] }
                                                                                                         ^
                expected: a scheme, a host, and a port unless it is the scheme's own; no path
            routes.yaml:13:74: `allow-origins` is not a key of `cors`
                  - { id: d, match: { path: "/d/{id}" }, forward: u, filters: [{ cors: { allow-origins: "*", max-age: 1500ms } }] }
                                                                                         ^
                expected: one of `origins`, `methods`, `headers`, `expose`, `credentials`, `max-age`
                did you mean `origins`?
            routes.yaml:13:103: `1500ms` is not a whole number of seconds
                  - { id: d, match: { path: "/d/{id}" }, forward: u, filters: [{ cors: { allow-origins: "*", max-age: 1500ms } }] }
                                                                                                                      ^
                expected: a duration such as 10s, 2m or 1h, from 1s to 24h, or off
            routes.yaml:14:66: `whitelist` is not a key of `filter`
                 id: e, match: { path: "/e/{id}" }, forward: u, filters: [{ whitelist: 10.0.0.0/8 }, { use: other, ip-deny: ["::1"] }] }
                                                                            ^
                expected: one of `strip-prefix`, `rewrite-path`, `set-request-header`, `remove-request-header`, `set-response-header`, `remove-response-header`, `request-size`, `ip-allow`, `ip-deny`, `cors`, `secure-headers`, `jwt`, `api-key`, `rate-limit`, `concurrency-limit`, `fault`, `use`
                did you mean `ip-allow`?
            routes.yaml:14:93: `use` cannot stand beside `ip-deny`
                 id: e, match: { path: "/e/{id}" }, forward: u, filters: [{ whitelist: 10.0.0.0/8 }, { use: other, ip-deny: ["::1"] }] }
                                                                                                       ^
                expected: exactly one of `strip-prefix`, `rewrite-path`, `set-request-header`, `remove-request-header`, `set-response-header`, `remove-response-header`, `request-size`, `ip-allow`, `ip-deny`, `cors`, `secure-headers`, `jwt`, `api-key`, `rate-limit`, `concurrency-limit`, `fault`, `use`
            routes.yaml:15:98: the duration `90` has no unit
                  - { id: f, match: { path: "/f/{id}" }, forward: u, filters: [{ secure-headers: { hsts-max-age: 90 } }, {}] }
                                                                                                                 ^
                expected: a duration such as 10s, 2m or 1h, from 1s to 730d, or off
                did you mean `90s`?
            routes.yaml:15:106: `filter` needs one of `strip-prefix`, `rewrite-path`, `set-request-header`, `remove-request-header`, `set-response-header`, `remove-response-header`, `request-size`, `ip-allow`, `ip-deny`, `cors`, `secure-headers`, `jwt`, `api-key`, `rate-limit`, `concurrency-limit`, `fault`, `use`
                  - { id: f, match: { path: "/f/{id}" }, forward: u, filters: [{ secure-headers: { hsts-max-age: 90 } }, {}] }
                                                                                                                         ^
                expected: exactly one of them
            """#)
    ]
}
