import Configuration
import Testing

@Suite struct UpgradeProblemTests {
    @Test(arguments: cases)
    func `says what is wrong with upgrades`(bad: BadFile) {
        bad.expectReport()
    }

    static let cases: [BadFile] = [
        BadFile(
            "upgrades",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            upstreams: { u: { endpoints: ["u:1"] } }
            routes:
              - { id: a, match: { path: /a }, forward: u, upgrade: h2c }
              - { id: b, match: { path: /b }, forward: u, upgrade: [websocket, TLS/1.0, HTTP/2.0, WebSocket, off] }
              - { id: c, match: { path: /c }, forward: u, upgrade: [] }
              - { id: d, match: { path: /d }, forward: u, upgrade: yes }
              - { id: e, match: { path: /e }, forward: u, upgrade: websockets }
              - { id: f, match: { path: /f }, forward: u, upgrade: "web socket" }
              - { id: g, match: { path: /g }, redirect: /h, upgrade: off }
              - { id: h, match: { path: /h }, respond: 204, upgrade: websocket }
              - { id: i, match: { path: /i }, forward: u, websocket: true }
              - { id: j, match: { path: /j }, forward: u, upgrade: { websocket: true } }
              - { id: k, match: { path: /k }, forward: u, upgrade: }
            """#,
            #"""
            routes.yaml:5:56: `h2c` is never changed to: requests inside such a connection would pass by the routes
                  - { id: a, match: { path: /a }, forward: u, upgrade: h2c }
                                                                       ^
                expected: a protocol such as websocket
            routes.yaml:6:68: `tls/1.0` is never changed to: it is the listener that speaks TLS with clients
                  - { id: b, match: { path: /b }, forward: u, upgrade: [websocket, TLS/1.0, HTTP/2.0, WebSocket, off] }
                                                                                   ^
                expected: a protocol such as websocket
            routes.yaml:6:77: `http/2.0` is never changed to: requests inside such a connection would pass by the routes
                  - { id: b, match: { path: /b }, forward: u, upgrade: [websocket, TLS/1.0, HTTP/2.0, WebSocket, off] }
                                                                                            ^
                expected: a protocol such as websocket
            routes.yaml:6:87: `WebSocket` is written twice
                  - { id: b, match: { path: /b }, forward: u, upgrade: [websocket, TLS/1.0, HTTP/2.0, WebSocket, off] }
                                                                                                      ^
                expected: each value once
            routes.yaml:6:98: `off` is never changed to: it stands alone, not in a list
                  - { id: b, match: { path: /b }, forward: u, upgrade: [websocket, TLS/1.0, HTTP/2.0, WebSocket, off] }
                                                                                                                 ^
                expected: a protocol such as websocket
            routes.yaml:7:56: the list has no element
                  - { id: c, match: { path: /c }, forward: u, upgrade: [] }
                                                                       ^
                expected: at least 1
            routes.yaml:8:56: `yes` does not belong here
                  - { id: d, match: { path: /d }, forward: u, upgrade: yes }
                                                                       ^
                expected: `websocket`, a list of protocols, or off
                did you mean `websocket`?
            routes.yaml:9:56: warning: `websockets` is an unusual protocol
                  - { id: e, match: { path: /e }, forward: u, upgrade: websockets }
                                                                       ^
                did you mean `websocket`?
            routes.yaml:10:56: `web socket` is not the name of a protocol
                  - { id: f, match: { path: /f }, forward: u, upgrade: "web socket" }
                                                                       ^
                expected: a protocol such as websocket
            routes.yaml:11:58: `upgrade` has no effect on a route that the gateway answers by itself
                  - { id: g, match: { path: /g }, redirect: /h, upgrade: off }
                                                                         ^
                expected: `upgrade` beside `forward` or `split` only
            routes.yaml:12:58: `upgrade` has no effect on a route that the gateway answers by itself
                  - { id: h, match: { path: /h }, respond: 204, upgrade: websocket }
                                                                         ^
                expected: `upgrade` beside `forward` or `split` only
            routes.yaml:13:47: `websocket` is not a key of `route`
                  - { id: i, match: { path: /i }, forward: u, websocket: true }
                                                              ^
                expected: one of `id`, `priority`, `match`, `filters`, `forward`, `split`, `redirect`, `respond`, `upgrade`, `tracing`
                did you mean `upgrade`?
            routes.yaml:14:56: a mapping does not belong here
                  - { id: j, match: { path: /j }, forward: u, upgrade: { websocket: true } }
                                                                       ^
                expected: `websocket`, a list of protocols, or off
            routes.yaml:15:56: nothing is written here
                  - { id: k, match: { path: /k }, forward: u, upgrade: }
                                                                       ^
                expected: `websocket`, a list of protocols, or off
            """#)
    ]
}
