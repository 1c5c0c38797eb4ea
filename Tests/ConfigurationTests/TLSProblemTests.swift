import Configuration
import Testing

@Suite struct TLSProblemTests {
    @Test(arguments: cases)
    func `says what is wrong with TLS`(bad: BadFile) {
        bad.expectReport()
    }

    static let cases: [BadFile] = [
        BadFile(
            "certificates of a listener",
            #"""
            version: 1
            listeners:
              - { name: a, address: ":1", tls: {} }
              - { name: b, address: ":2", tls: true }
              - { name: c, address: ":3", tls: { certificate: a.pem } }
              - { name: d, address: ":4", tls: { key: a.key } }
              - { name: e, address: ":5", tls: { certificates: [], key: a.key } }
              - name: f
                address: ":6"
                tls:
                  certificates:
                    - { certificate: a.pem, key: a.key }
                    - { certificate: b.pem, key: b.key, ocsp: b.ocsp }
                    - { certificate: a.pem, key: c.key }
                    - { certificate: c.pem }
                    - { cert: d.pem, key: d.key }
                    - d.pem
            routes: []
            """#,
            #"""
            routes.yaml:3:36: `tls` needs a certificate
                  - { name: a, address: ":1", tls: {} }
                                                   ^
                expected: `certificates`, a list; or `certificate` and `key` for a single one
            routes.yaml:4:36: `true` does not belong here
                  - { name: b, address: ":2", tls: true }
                                                   ^
                expected: a mapping with the keys `certificates`, `certificate`, `key`, `ocsp`, `minimum-version`, `protocols`, `ticket-rotation`, `client-certificates`, `kernel-offload`
            routes.yaml:5:51: `key` is missing: it goes with `certificate`
                  - { name: c, address: ":3", tls: { certificate: a.pem } }
                                                                  ^
                expected: `key`, the file of the private key; the same file when it holds both
            routes.yaml:6:43: `certificate` is missing: it goes with `key`
                  - { name: d, address: ":4", tls: { key: a.key } }
                                                          ^
                expected: `certificate`, the file of the certificate; the same file when it holds both
            routes.yaml:7:52: the list has no element
                  - { name: e, address: ":5", tls: { certificates: [], key: a.key } }
                                                                   ^
                expected: at least 1
            routes.yaml:7:61: `certificates` cannot stand beside `certificate`, `key` and `ocsp`
                  - { name: e, address: ":5", tls: { certificates: [], key: a.key } }
                                                                            ^
                expected: one of the two forms; every certificate as an element of `certificates`
            routes.yaml:14:26: the certificate `a.pem` is there already, at line 12
                        - { certificate: a.pem, key: c.key }
                                         ^
                expected: each certificate once
            routes.yaml:15:11: `key` is missing
                        - { certificate: c.pem }
                          ^
                expected: the file of the private key (PEM), which may be that of the certificate, relative to the folder of this file
            routes.yaml:16:13: `cert` is not a key of `certificate`
                        - { cert: d.pem, key: d.key }
                            ^
                expected: one of `certificate`, `key`, `ocsp`
                did you mean `certificate`?
            routes.yaml:17:11: `d.pem` does not belong here
                        - d.pem
                          ^
                expected: a mapping with the keys `certificate`, `key`, `ocsp`
            """#),
        BadFile(
            "names of files",
            #"""
            version: 1
            listeners:
              - name: a
                address: ":1"
                tls:
                  certificate: "-----BEGIN CERTIFICATE-----"
                  key: certs/
                  ocsp: ""
              - { name: b, address: ":2", tls: { certificate: "a\tb", key: [a.key] } }
            routes: []
            """#,
            #"""
            routes.yaml:6:20: this is what belongs into the file, not its name
                      certificate: "-----BEGIN CERTIFICATE-----"
                                   ^
                expected: the file of the certificate and its intermediates (PEM), relative to the folder of this file
            routes.yaml:7:12: this is the name of a folder
                      key: certs/
                           ^
                expected: the file of the private key (PEM), which may be that of the certificate, relative to the folder of this file
            routes.yaml:8:13: the name of the file is empty
                      ocsp: ""
                            ^
                expected: the file of an OCSP response (DER), relative to the folder of this file
            routes.yaml:9:51: the name of a file cannot hold a line break or another control character
                  - { name: b, address: ":2", tls: { certificate: "a\tb", key: [a.key] } }
                                                                  ^
                expected: the file of the certificate and its intermediates (PEM), relative to the folder of this file
            routes.yaml:9:64: a list does not belong here
                  - { name: b, address: ":2", tls: { certificate: "a\tb", key: [a.key] } }
                                                                               ^
                expected: the file of the private key (PEM), which may be that of the certificate, relative to the folder of this file
            """#),
        BadFile(
            "versions, protocols and tickets",
            #"""
            version: 1
            listeners:
              - name: a
                address: ":1"
                tls:
                  certificate: a.pem
                  key: a.key
                  minimum-version: TLSv1.2
                  protocols: [h2, http/1.1, http/1.1]
                  ticket-rotation: 30s
                  kernel-offload: yes
              - { name: b, address: ":2", tls: { certificate: a.pem, key: a.key, minimum-version: 1.1, protocols: [], ticket-rotation: 2d } }
              - { name: c, address: ":3", tls: { certificate: a.pem, key: a.key, min-version: 1, alpn: http/1.1, ssl: 1 } }
              - { name: d, address: ":4", tls: { certificate: a.pem, key: a.key, minimum-version: 2 } }
            routes: []
            """#,
            #"""
            routes.yaml:8:24: `TLSv1.2` is not a version of TLS
                      minimum-version: TLSv1.2
                                       ^
                expected: 1.2 or 1.3
                did you mean `1.2`?
            routes.yaml:9:19: `h2` is not known here
                      protocols: [h2, http/1.1, http/1.1]
                                  ^
                expected: `http/1.1`
            routes.yaml:9:33: `http/1.1` is written twice
                      protocols: [h2, http/1.1, http/1.1]
                                                ^
                expected: each value once
            routes.yaml:10:24: 30s is too small
                      ticket-rotation: 30s
                                       ^
                expected: a duration such as 2m or 1h, from 1m to 24h, or off
            routes.yaml:11:23: `yes` does not belong here
                      kernel-offload: yes
                                      ^
                expected: true or false
                did you mean `true`?
            routes.yaml:12:87: TLS 1.1 is not spoken: RFC 8996 forbids it
                e: b, address: ":2", tls: { certificate: a.pem, key: a.key, minimum-version: 1.1, protocols: [], ticket-rotation: 2d } }
                                                                                             ^
                expected: 1.2 or 1.3
            routes.yaml:12:103: the list has no element
                e: b, address: ":2", tls: { certificate: a.pem, key: a.key, minimum-version: 1.1, protocols: [], ticket-rotation: 2d } }
                                                                                                             ^
                expected: at least 1
            routes.yaml:12:124: 2d is too large
                e: b, address: ":2", tls: { certificate: a.pem, key: a.key, minimum-version: 1.1, protocols: [], ticket-rotation: 2d } }
                                                                                                                                  ^
                expected: a duration such as 2m or 1h, from 1m to 24h, or off
            routes.yaml:13:70: `min-version` is not a key of `tls`
                  - { name: c, address: ":3", tls: { certificate: a.pem, key: a.key, min-version: 1, alpn: http/1.1, ssl: 1 } }
                                                                                     ^
                expected: one of `certificates`, `certificate`, `key`, `ocsp`, `minimum-version`, `protocols`, `ticket-rotation`, `client-certificates`, `kernel-offload`
                did you mean `minimum-version`?
            routes.yaml:13:86: `alpn` is not a key of `tls`
                  - { name: c, address: ":3", tls: { certificate: a.pem, key: a.key, min-version: 1, alpn: http/1.1, ssl: 1 } }
                                                                                                     ^
                expected: one of `certificates`, `certificate`, `key`, `ocsp`, `minimum-version`, `protocols`, `ticket-rotation`, `client-certificates`, `kernel-offload`
                did you mean `protocols`?
            routes.yaml:13:102: `ssl` is not a key of `tls`
                  - { name: c, address: ":3", tls: { certificate: a.pem, key: a.key, min-version: 1, alpn: http/1.1, ssl: 1 } }
                                                                                                                     ^
                expected: one of `certificates`, `certificate`, `key`, `ocsp`, `minimum-version`, `protocols`, `ticket-rotation`, `client-certificates`, `kernel-offload`
            routes.yaml:14:87: `2` is not a version of TLS
                  - { name: d, address: ":4", tls: { certificate: a.pem, key: a.key, minimum-version: 2 } }
                                                                                                      ^
                expected: 1.2 or 1.3
            """#),
        BadFile(
            "certificates of clients",
            #"""
            version: 1
            listeners:
              - { name: a, address: ":1", tls: { certificate: a.pem, key: a.key, client-certificates: { mode: required } } }
              - { name: b, address: ":2", tls: { certificate: a.pem, key: a.key, client-certificates: { authorities: ca.pem } } }
              - { name: c, address: ":3", tls: { certificate: a.pem, key: a.key, client-certificates: { mode: requird, ca-file: ca.pem } } }
              - { name: d, address: ":4", tls: { certificate: a.pem, key: a.key, client-certificates: required } }
              - { name: e, address: ":5", tls: { certificate: a.pem, key: a.key, mtls: off } }
            routes: []
            """#,
            #"""
            routes.yaml:3:99: `authorities` is missing: without it no certificate of a client can be good
                  - { name: a, address: ":1", tls: { certificate: a.pem, key: a.key, client-certificates: { mode: required } } }
                                                                                                                  ^
                expected: the file of the authorities' certificates (PEM), relative to the folder of this file
            routes.yaml:4:91: `mode` is missing
                  - { name: b, address: ":2", tls: { certificate: a.pem, key: a.key, client-certificates: { authorities: ca.pem } } }
                                                                                                          ^
                expected: one of `off`, `optional`, `required`
            routes.yaml:5:99: `requird` is not known here
                me: c, address: ":3", tls: { certificate: a.pem, key: a.key, client-certificates: { mode: requird, ca-file: ca.pem } } }
                                                                                                          ^
                expected: one of `off`, `optional`, `required`
                did you mean `required`?
            routes.yaml:5:108: `ca-file` is not a key of `client-certificates`
                me: c, address: ":3", tls: { certificate: a.pem, key: a.key, client-certificates: { mode: requird, ca-file: ca.pem } } }
                                                                                                                   ^
                expected: one of `mode`, `authorities`
                did you mean `authorities`?
            routes.yaml:6:91: `authorities` is missing: without it no certificate of a client can be good
                  - { name: d, address: ":4", tls: { certificate: a.pem, key: a.key, client-certificates: required } }
                                                                                                          ^
                expected: `{ mode: required, authorities: FILE }`
            routes.yaml:7:70: `mtls` is not a key of `tls`
                  - { name: e, address: ":5", tls: { certificate: a.pem, key: a.key, mtls: off } }
                                                                                     ^
                expected: one of `certificates`, `certificate`, `key`, `ocsp`, `minimum-version`, `protocols`, `ticket-rotation`, `client-certificates`, `kernel-offload`
                did you mean `client-certificates`?
            """#),
        BadFile(
            "a PROXY header that nobody is trusted to send",
            #"""
            version: 1
            listeners:
              - { name: a, address: ":1", proxy-protocol: true }
              - { name: b, address: ":2", proxy-protocol: true, trusted-proxies: [] }
              - { name: c, address: ":3", proxy-protocol: v2, trusted-proxies: [10.0.0.0/8] }
              - { name: d, address: ":4", proxy-protocol: true, trusted-proxies: [ten] }
              - { name: e, address: ":5", accept-proxy: true }
            routes: []
            """#,
            #"""
            routes.yaml:3:47: `trusted-proxies` is missing: the header of a peer that is not trusted is not believed
                  - { name: a, address: ":1", proxy-protocol: true }
                                                              ^
                expected: `trusted-proxies`, the networks of the proxies in front
            routes.yaml:4:47: `trusted-proxies` is missing: the header of a peer that is not trusted is not believed
                  - { name: b, address: ":2", proxy-protocol: true, trusted-proxies: [] }
                                                              ^
                expected: `trusted-proxies`, the networks of the proxies in front
            routes.yaml:5:47: `v2` does not belong here
                  - { name: c, address: ":3", proxy-protocol: v2, trusted-proxies: [10.0.0.0/8] }
                                                              ^
                expected: true or false
            routes.yaml:6:71: `ten` is not a network
                  - { name: d, address: ":4", proxy-protocol: true, trusted-proxies: [ten] }
                                                                                      ^
                expected: a network such as 10.0.0.0/8 or fd00::/8, or one address
            routes.yaml:7:31: `accept-proxy` is not a key of `listener`
                  - { name: e, address: ":5", accept-proxy: true }
                                              ^
                expected: one of `name`, `address`, `trusted-proxies`, `proxy-protocol`, `tls`
                did you mean `proxy-protocol`?
            """#),
        BadFile(
            "TLS towards upstreams",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            defaults: { upstream: { tls: { verify: false } } }
            upstreams:
              a: { endpoints: ["a:1"], tls: yes }
              b: { endpoints: ["b:1"], tls: { server-name: 10.0.0.1, authorities: "" } }
              c: { endpoints: ["c:1"], tls: { certificate: c.pem } }
              d: { endpoints: ["d:1"], tls: { key: d.key, sni: d } }
              e: { endpoints: ["e:1"], tls: { verify: false, authorities: ca.pem, minimum-version: "1.4" } }
              f: { endpoints: ["f:1"], tls: { server-name: "*.internal", insecure-skip-verify: true } }
              g: { endpoints: ["https://g", "https://[::1]/x"], tls: }
            routes:
              - id: r
                split:
                  - { upstream: a, weight: 1 }
                  - { upstream: b, weight: 1 }
                  - { upstream: c, weight: 1 }
                  - { upstream: d, weight: 1 }
                  - { upstream: e, weight: 1 }
                  - { upstream: f, weight: 1 }
                  - { upstream: g, weight: 1 }
            """#,
            #"""
            routes.yaml:3:40: warning: whoever answers at the endpoint's address is trusted
                defaults: { upstream: { tls: { verify: false } } }
                                                       ^
                expected: `authorities`, the file of the authorities that signed the origin's certificate
            routes.yaml:5:33: `yes` does not belong here
                  a: { endpoints: ["a:1"], tls: yes }
                                                ^
                expected: true, off, or a mapping with the keys `server-name`, `authorities`, `certificate`, `key`, `verify`, `minimum-version`
                did you mean `true`?
            routes.yaml:6:48: `10.0.0.1` is not the name of a server: TLS sends no addresses (RFC 6066 §3)
                  b: { endpoints: ["b:1"], tls: { server-name: 10.0.0.1, authorities: "" } }
                                                               ^
                expected: a host name such as orders.internal
            routes.yaml:6:71: the name of the file is empty
                  b: { endpoints: ["b:1"], tls: { server-name: 10.0.0.1, authorities: "" } }
                                                                                      ^
                expected: the file of the authorities' certificates (PEM), relative to the folder of this file
            routes.yaml:7:48: `key` is missing: it goes with `certificate`
                  c: { endpoints: ["c:1"], tls: { certificate: c.pem } }
                                                               ^
                expected: `key`, the file of the private key; the same file when it holds both
            routes.yaml:8:40: `certificate` is missing: it goes with `key`
                  d: { endpoints: ["d:1"], tls: { key: d.key, sni: d } }
                                                       ^
                expected: `certificate`, the file of the certificate; the same file when it holds both
            routes.yaml:8:47: `sni` is not a key of `tls`
                  d: { endpoints: ["d:1"], tls: { key: d.key, sni: d } }
                                                              ^
                expected: one of `server-name`, `authorities`, `certificate`, `key`, `verify`, `minimum-version`
                did you mean `server-name`?
            routes.yaml:9:43: warning: whoever answers at the endpoint's address is trusted
                  e: { endpoints: ["e:1"], tls: { verify: false, authorities: ca.pem, minimum-version: "1.4" } }
                                                          ^
                expected: `authorities`, the file of the authorities that signed the origin's certificate
            routes.yaml:9:88: `1.4` is not a version of TLS
                  e: { endpoints: ["e:1"], tls: { verify: false, authorities: ca.pem, minimum-version: "1.4" } }
                                                                                                       ^
                expected: 1.2 or 1.3
            routes.yaml:10:48: `*.internal` is not the name of a server
                  f: { endpoints: ["f:1"], tls: { server-name: "*.internal", insecure-skip-verify: true } }
                                                               ^
                expected: a host name such as orders.internal
            routes.yaml:10:62: `insecure-skip-verify` is not a key of `tls`
                  f: { endpoints: ["f:1"], tls: { server-name: "*.internal", insecure-skip-verify: true } }
                                                                             ^
                expected: one of `server-name`, `authorities`, `certificate`, `key`, `verify`, `minimum-version`
                did you mean `verify`?
            routes.yaml:11:20: `https://g` is not the address of an endpoint: it has a scheme; `tls: true` beside `endpoints` encrypts
                  g: { endpoints: ["https://g", "https://[::1]/x"], tls: }
                                   ^
                expected: HOST:PORT, such as 127.0.0.1:9000, [::1]:9000 or orders.internal:9000
                did you mean `g:443`?
            routes.yaml:11:33: `https://[::1]/x` is not the address of an endpoint: it has a scheme; `tls: true` beside `endpoints` encrypts
                  g: { endpoints: ["https://g", "https://[::1]/x"], tls: }
                                                ^
                expected: HOST:PORT, such as 127.0.0.1:9000, [::1]:9000 or orders.internal:9000
                did you mean `[::1]:443`?
            routes.yaml:11:58: nothing is written here
                  g: { endpoints: ["https://g", "https://[::1]/x"], tls: }
                                                                         ^
                expected: true, off, or a mapping with the keys `server-name`, `authorities`, `certificate`, `key`, `verify`, `minimum-version`
            """#),
    ]
}
