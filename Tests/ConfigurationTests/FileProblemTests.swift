import Configuration
import Testing

@Suite struct FileProblemTests {
    @Test(arguments: cases)
    func `says what is wrong across the file`(bad: BadFile) {
        bad.expectReport()
    }

    static let cases: [BadFile] = [
        BadFile(
            "references to nothing and upstreams without use",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            upstreams:
              origin: { endpoints: [127.0.0.1:9000] }
              spare: { endpoints: [127.0.0.1:9001] }
            routes:
              - { id: a, match: { path: /a }, forward: orign }
              - { id: b, match: { path: /b }, forward: elsewhere }
              - { id: c, match: { path: /c }, split: [{ upstream: Origin, weight: 1 }] }
            """#,
            #"""
            routes.yaml:5:3: warning: no route forwards to the upstream `spare`
                  spare: { endpoints: [127.0.0.1:9001] }
                  ^
            routes.yaml:7:44: there is no upstream `orign`
                  - { id: a, match: { path: /a }, forward: orign }
                                                           ^
                expected: the id of an upstream
                did you mean `origin`?
            routes.yaml:8:44: there is no upstream `elsewhere`
                  - { id: b, match: { path: /b }, forward: elsewhere }
                                                           ^
                expected: the id of an upstream
            routes.yaml:9:55: there is no upstream `Origin`
                  - { id: c, match: { path: /c }, split: [{ upstream: Origin, weight: 1 }] }
                                                                      ^
                expected: the id of an upstream
                did you mean `origin`?
            """#),
        BadFile(
            "ids that are there already",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            upstreams:
              a: { endpoints: [127.0.0.1:9000] }
              a: { endpoints: [127.0.0.1:9001] }
            routes:
              - { id: a, match: { path: /a }, forward: a }
              - { id: a, match: { path: /b }, forward: a }
            """#,
            #"""
            routes.yaml:5:3: `a` is written twice
                  a: { endpoints: [127.0.0.1:9001] }
                  ^
                expected: one `a`; the first is at line 4
            routes.yaml:8:11: the route `a` is there already, at line 7
                  - { id: a, match: { path: /b }, forward: a }
                          ^
                expected: an id of its own
            """#),
        BadFile(
            "two routes for the same requests",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - { id: b, match: { path: "/a/{x}", methods: [GET, POST] }, respond: 204 }
              - { id: a, match: { path: /a/*, methods: [POST, GET] }, respond: 204 }
            """#,
            #"""
            routes.yaml:4:5: route `b` matches exactly the requests of route `a` (line 5)
                  - { id: b, match: { path: "/a/{x}", methods: [GET, POST] }, respond: 204 }
                    ^
                expected: a different match or `priority`, or no such route
            """#),
        BadFile(
            "a route that is never reached",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - { id: all, priority: 1, match: { path: /a/** }, respond: 204 }
              - id: some
                match: { path: /a/b, host: example.com, method: GET }
                respond: 204
            """#,
            #"""
            routes.yaml:5:5: route `some` is never reached: route `all` (line 4) takes every request that it matches
                  - id: some
                    ^
                expected: a narrower match there, a higher `priority` here, or no such route
            """#),
        BadFile(
            "a route whose methods are among those of another",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - { id: a, match: { path: /a, methods: [GET, POST] }, respond: 204 }
              - { id: b, match: { path: /a, method: GET }, respond: 204 }
            """#,
            #"""
            routes.yaml:5:5: route `b` is never reached: route `a` (line 4) takes every request that it matches
                  - { id: b, match: { path: /a, method: GET }, respond: 204 }
                    ^
                expected: a narrower match there, a higher `priority` here, or no such route
            """#),
        BadFile(
            "a route of which one path is never reached",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - { id: a, match: { path: /a }, respond: 204 }
              - { id: b, match: { path: [/a, /b] }, respond: 204 }
            """#,
            #"""
            routes.yaml:5:5: warning: `/a` of route `b` is never reached: route `a` (line 4) takes it
                  - { id: b, match: { path: [/a, /b] }, respond: 204 }
                    ^
                expected: the route without it
            """#),
    ]
}
