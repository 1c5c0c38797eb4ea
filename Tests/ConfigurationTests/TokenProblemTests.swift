import Testing

@Suite struct TokenProblemTests {
    @Test(arguments: cases)
    func `says what is wrong with issuers and what is asked of tokens`(bad: BadFile) {
        bad.expectReport()
    }

    static let cases: [BadFile] = [
        BadFile(
            "tokens",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            issuers:
              shop: { issuer: id.example.com/realms/shop, audience: orders }
              none: { jwks: "https://id.example.com/certs" }
              weak: { issuer: "https://id.example.com", algorithms: [HS256, none, RS257, RS256, RS256], clock-skew: 2h }
              slow: { issuer: "https://id.example.com", refresh: 1s, roles: realm_access..roles, jwks: "ftp://id.example.com" }
              lonely: { issuer: "https://id.example.com", authorities: "" }
            upstreams: { u: { endpoints: ["u:1"] } }
            defaults: { filters: [{ jwt: { issuers: shp } }] }
            routes:
              - { id: b, match: { path: /b }, forward: u, filters: [{ jwt: { scopes: orders } }, { jwt: {} }] }
              - { id: c, match: { path: /c }, forward: u, filters: [{ jwt: { issuers: [], from: header, role: admin } }] }
              - { id: d, match: { path: /d }, forward: u, filters: [{ jwt: { issuers: weak, from: { cookie: "a b", query: t } } }] }
              - id: e
                match: { path: /e }
                forward: u
                filters: [{ jwt: { issuers: slow, from: { cookie: session }, forward-token: false } }]
              - id: f
                match: { path: /f }
                forward: u
                filters:
                  - jwt:
                      issuers: none
                      claims:
                        a..b: x
                        email: { regex: "(" }
                        azp: { one-of: [] }
                        sub: { present: false }
                        name: { equals: ada }
                        typ: {}
                        "": x
              - id: g
                match: { path: /g }
                forward: u
                filters:
                  - jwt: { issuers: weak, headers: { Host: sub, X User: sub, X-Ok: "", x-user: sub, X-User: email, x-forwarded-for: sub } }
              - { id: h, match: { path: /h }, forward: u, filters: [{ jwt: slow }] }
              - id: i
                match: { path: /i }
                forward: u
                filters: [{ jwt: { issuers: slow, optional: yes, headers: [X-User], from: { header: X-Token } } }]
            """#,
            #"""
            routes.yaml:4:19: `id.example.com/realms/shop` is not a URL of http or https
                  shop: { issuer: id.example.com/realms/shop, audience: orders }
                                  ^
                expected: a URL such as https://id.example.com/realms/shop
                did you mean `https://id.example.com/realms/shop`?
            routes.yaml:4:47: `audience` is not a key of `issuer`
                  shop: { issuer: id.example.com/realms/shop, audience: orders }
                                                              ^
                expected: one of `issuer`, `jwks`, `audiences`, `algorithms`, `clock-skew`, `roles`, `authorities`, `refresh`
                did you mean `audiences`?
            routes.yaml:5:9: `issuer` is missing
                  none: { jwks: "https://id.example.com/certs" }
                        ^
                expected: a URL such as https://id.example.com/realms/shop
            routes.yaml:6:58: `HS256` signs with a secret, which no key set may hold
                  weak: { issuer: "https://id.example.com", algorithms: [HS256, none, RS257, RS256, RS256], clock-skew: 2h }
                                                                         ^
                expected: one of `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `ES256`, `ES384`, `ES512`, `EdDSA`
            routes.yaml:6:65: `none` is no signature
                  weak: { issuer: "https://id.example.com", algorithms: [HS256, none, RS257, RS256, RS256], clock-skew: 2h }
                                                                                ^
                expected: one of `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `ES256`, `ES384`, `ES512`, `EdDSA`
            routes.yaml:6:71: `RS257` is not known here
                  weak: { issuer: "https://id.example.com", algorithms: [HS256, none, RS257, RS256, RS256], clock-skew: 2h }
                                                                                      ^
                expected: one of `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `ES256`, `ES384`, `ES512`, `EdDSA`
                did you mean `RS256`?
            routes.yaml:6:85: `RS256` is written twice
                  weak: { issuer: "https://id.example.com", algorithms: [HS256, none, RS257, RS256, RS256], clock-skew: 2h }
                                                                                                    ^
                expected: each value once
            routes.yaml:6:105: 2h is too large
                  weak: { issuer: "https://id.example.com", algorithms: [HS256, none, RS257, RS256, RS256], clock-skew: 2h }
                                                                                                                        ^
                expected: a duration such as 10s, 2m or 1h, from 1s to 1h, or off
            routes.yaml:7:54: 1s is too small
                  slow: { issuer: "https://id.example.com", refresh: 1s, roles: realm_access..roles, jwks: "ftp://id.example.com" }
                                                                     ^
                expected: a duration such as 10s, 2m or 1h, from 10s to 24h
            routes.yaml:7:65: `realm_access..roles` is not the path of a claim
                  slow: { issuer: "https://id.example.com", refresh: 1s, roles: realm_access..roles, jwks: "ftp://id.example.com" }
                                                                                ^
                expected: names with dots between them, at most 8
            routes.yaml:7:92: `ftp://id.example.com` is not a URL of http or https
                  slow: { issuer: "https://id.example.com", refresh: 1s, roles: realm_access..roles, jwks: "ftp://id.example.com" }
                                                                                                           ^
                expected: a URL such as https://id.example.com/realms/shop
            routes.yaml:8:3: warning: no filter wants a token of `lonely`
                  lonely: { issuer: "https://id.example.com", authorities: "" }
                  ^
            routes.yaml:8:60: the name of the file is empty
                  lonely: { issuer: "https://id.example.com", authorities: "" }
                                                                           ^
                expected: the file of the certificates (PEM), relative to the folder of this file
            routes.yaml:10:41: there is no issuer `shp`
                defaults: { filters: [{ jwt: { issuers: shp } }] }
                                                        ^
                expected: a name under `issuers`
                did you mean `shop`?
            routes.yaml:12:64: `issuers` is missing
                  - { id: b, match: { path: /b }, forward: u, filters: [{ jwt: { scopes: orders } }, { jwt: {} }] }
                                                                               ^
                expected: the id of an issuer, or a list of such
            routes.yaml:12:93: `issuers` is missing
                  - { id: b, match: { path: /b }, forward: u, filters: [{ jwt: { scopes: orders } }, { jwt: {} }] }
                                                                                                            ^
                expected: the id of an issuer, or a list of such
            routes.yaml:13:75: the list has no element
                  - { id: c, match: { path: /c }, forward: u, filters: [{ jwt: { issuers: [], from: header, role: admin } }] }
                                                                                          ^
                expected: at least 1
            routes.yaml:13:85: `header` is no place of a token
                  - { id: c, match: { path: /c }, forward: u, filters: [{ jwt: { issuers: [], from: header, role: admin } }] }
                                                                                                    ^
                expected: `authorization`, `{ cookie: NAME }` or `{ query: NAME }`
            routes.yaml:13:93: `role` is not a key of `jwt`
                  - { id: c, match: { path: /c }, forward: u, filters: [{ jwt: { issuers: [], from: header, role: admin } }] }
                                                                                                            ^
                expected: one of `issuers`, `from`, `scopes`, `roles`, `all-roles`, `claims`, `any-claim`, `optional`, `forward-token`, `headers`
                did you mean `roles`?
            routes.yaml:14:97: `a b` is not the name of a cookie
                  - { id: d, match: { path: /d }, forward: u, filters: [{ jwt: { issuers: weak, from: { cookie: "a b", query: t } } }] }
                                                                                                                ^
                expected: letters, digits, `-` and `_`, at most 128 characters
            routes.yaml:14:104: `query` cannot stand beside `cookie`
                  - { id: d, match: { path: /d }, forward: u, filters: [{ jwt: { issuers: weak, from: { cookie: "a b", query: t } } }] }
                                                                                                                       ^
                expected: exactly one of `cookie`, `query`
            routes.yaml:18:22: `forward-token: false` takes away the field `Authorization`, and the token is elsewhere
                    filters: [{ jwt: { issuers: slow, from: { cookie: session }, forward-token: false } }]
                                     ^
                expected: `from: authorization`, or `forward-token: true`
            routes.yaml:26:13: `a..b` is not the path of a claim
                            a..b: x
                            ^
                expected: names with dots between them, at most 8
            routes.yaml:27:31: the expression does not compile: missing closing parenthesis
                            email: { regex: "(" }
                                              ^
                expected: a regular expression (PCRE2)
            routes.yaml:28:28: the list has no element
                            azp: { one-of: [] }
                                           ^
                expected: at least 1
            routes.yaml:29:18: `present: false` says nothing
                            sub: { present: false }
                                 ^
                expected: `present: true`, or no condition on this claim
            routes.yaml:30:21: `equals` is not a key of `claim-condition`
                            name: { equals: ada }
                                    ^
                expected: one of `equal`, `one-of`, `present`, `regex`
                did you mean `equal`?
            routes.yaml:31:18: `claim-condition` needs one of `equal`, `one-of`, `present`, `regex`
                            typ: {}
                                 ^
                expected: exactly one of them
            routes.yaml:32:13: the name of the claim is empty
                            "": x
                            ^
                expected: a claim such as sub or realm_access.roles
            routes.yaml:37:42: `Host` cannot carry a claim
                      - jwt: { issuers: weak, headers: { Host: sub, X User: sub, X-Ok: "", x-user: sub, X-User: email, x-forwarded-for: 
                                                         ^
                expected: a name of your own, such as X-User
            routes.yaml:37:53: `X User` is not the name of a header field
                      - jwt: { issuers: weak, headers: { Host: sub, X User: sub, X-Ok: "", x-user: sub, X-User: email, x-forwarded-for: 
                                                                    ^
                expected: letters, digits and `-`
            routes.yaml:37:72: the name of the claim is empty
                 jwt: { issuers: weak, headers: { Host: sub, X User: sub, X-Ok: "", x-user: sub, X-User: email, x-forwarded-for: sub } }
                                                                                ^
                expected: a claim such as sub or realm_access.roles
            routes.yaml:37:89: `X-User` is written twice
                 jwt: { issuers: weak, headers: { Host: sub, X User: sub, X-Ok: "", x-user: sub, X-User: email, x-forwarded-for: sub } }
                                                                                                 ^
                expected: one `X-User`; the first is at line 37
            routes.yaml:37:104: `x-forwarded-for` cannot carry a claim
                 jwt: { issuers: weak, headers: { Host: sub, X User: sub, X-Ok: "", x-user: sub, X-User: email, x-forwarded-for: sub } }
                                                                                                                ^
                expected: a name of your own, such as X-User
            routes.yaml:38:64: `slow` does not belong here
                  - { id: h, match: { path: /h }, forward: u, filters: [{ jwt: slow }] }
                                                                               ^
                expected: a mapping with the keys `issuers`, `from`, `scopes`, `roles`, `all-roles`, `claims`, `any-claim`, `optional`, `forward-token`, `headers`
            routes.yaml:42:49: `yes` does not belong here
                    filters: [{ jwt: { issuers: slow, optional: yes, headers: [X-User], from: { header: X-Token } } }]
                                                                ^
                expected: true or false
                did you mean `true`?
            routes.yaml:42:63: a list does not belong here
                    filters: [{ jwt: { issuers: slow, optional: yes, headers: [X-User], from: { header: X-Token } } }]
                                                                              ^
                expected: a mapping from header names to claims
            routes.yaml:42:79: `from` needs one of `cookie`, `query`
                    filters: [{ jwt: { issuers: slow, optional: yes, headers: [X-User], from: { header: X-Token } } }]
                                                                                              ^
                expected: exactly one of them
            routes.yaml:42:81: `header` is not a key of `from`
                    filters: [{ jwt: { issuers: slow, optional: yes, headers: [X-User], from: { header: X-Token } } }]
                                                                                                ^
                expected: one of `cookie`, `query`
            """#)
    ]
}
