import Configuration
import Testing

@Suite struct YAMLProblemTests {
    @Test(arguments: cases)
    func `says what keeps a file from being read`(bad: BadFile) {
        bad.expectReport()
    }

    static let cases: [BadFile] = [
        BadFile(
            "a file of nothing",
            #"""
            # only a comment
            """#,
            #"""
            routes.yaml:1:1: the file is empty
                # only a comment
                ^
                expected: `version: 1`, `listeners` and `routes`
            """#),
        BadFile(
            "a top level that is no mapping",
            #"""
            - a
            """#,
            #"""
            routes.yaml:1:1: a list does not belong here
                - a
                ^
                expected: a mapping with the keys `version`, `listeners`, `admin`, `defaults`, `tracing`, `filter-sets`, `issuers`, `upstreams`, `routes`
            """#),
        BadFile(
            "a tab as indentation",
            #"""
            version: 1
            listeners:
            \#t- address: ":8080"
            """#,
            #"""
            routes.yaml:3:1: a tab cannot indent YAML
                \#t- address: ":8080"
                ^
                expected: spaces
            """#),
        BadFile(
            "a tab between spaces",
            #"""
            version: 1
            routes:
              - id: a
              \#trespond: 204
            """#,
            #"""
            routes.yaml:4:3: a tab cannot indent YAML
                  \#trespond: 204
                  ^
                expected: spaces
            """#),
        BadFile(
            "a list that is not closed",
            #"""
            version: 1
            listeners: [{ address: ":8080" }
            routes: []
            """#,
            #"""
            routes.yaml:3:1: did not find expected ',' or ']' while parsing a flow sequence that begins at line 2
                routes: []
                ^
                expected: `,` or the closing bracket; between brackets, quotes around a text with `{`, `}`, `[`, `]` or `,` in it
            """#),
        BadFile(
            "a brace without quotes between brackets",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - { id: a, match: { path: /a/{id} }, respond: 204 }
            """#,
            #"""
            routes.yaml:4:32: did not find expected ',' or '}' while parsing a flow mapping
                  - { id: a, match: { path: /a/{id} }, respond: 204 }
                                               ^
                expected: `,` or the closing bracket; between brackets, quotes around a text with `{`, `}`, `[`, `]` or `,` in it
            """#),
        BadFile(
            "a wildcard host without quotes",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - id: a
                match: { host: *.example.com }
                respond: 204
            """#,
            #"""
            routes.yaml:5:21: did not find expected alphabetic or numeric character while scanning an alias
                    match: { host: *.example.com }
                                    ^
                expected: quotes around a text that begins with `*`, such as "*.example.com"
            """#),
        BadFile(
            "anchors and aliases",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - id: a
                match: &everything { path: /a }
                respond: 204
              - id: b
                match: *everything
                respond: 204
            """#,
            #"""
            routes.yaml:5:12: anchors (`&name`) are not supported
                    match: &everything { path: /a }
                           ^
                expected: the value itself, or a quoted text when it begins with `&`
            routes.yaml:8:12: aliases such as `*everything` are not supported
                    match: *everything
                           ^
                expected: the value itself, or a quoted text when it begins with `*`
            """#),
        BadFile(
            "tags and merge keys",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - id: !!str a
                respond: 204
              - id: b
                <<: { priority: 1 }
                respond: 204
            """#,
            #"""
            routes.yaml:4:9: tags (`!name`) are not supported
                  - id: !!str a
                        ^
                expected: the value itself, or a quoted text when it begins with `!`
            routes.yaml:7:5: merge keys (`<<`) are not supported
                    <<: { priority: 1 }
                    ^
                expected: the keys themselves
            """#),
        BadFile(
            "a mapping as a key",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes: []
            { a: b }: c
            """#,
            #"""
            routes.yaml:4:1: a list or a mapping cannot be a key
                { a: b }: c
                ^
                expected: a name; quote a text that begins with `{` or `[`
            """#),
        BadFile(
            "a second document",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes: []
            ---
            version: 1
            """#,
            #"""
            routes.yaml:4:1: a second document begins here
                ---
                ^
                expected: one document in a file
            """#),
        BadFile(
            "a key that is written twice",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            version: 1
            routes: []
            """#,
            #"""
            routes.yaml:3:1: `version` is written twice
                version: 1
                ^
                expected: one `version`; the first is at line 1
            """#),
        BadFile(
            "lines that end in CR LF",
            #"""
            version: 1\#r\#n\#
            listeners: [{ address: ":8080" }]\#r\#n\#
            routes:\#r\#n\#
              - id: a\#r\#n\#
                respnd: 204\#r\#n\#

            """#,
            #"""
            routes.yaml:5:5: `respnd` is not a key of `route`
                    respnd: 204
                    ^
                expected: one of `id`, `priority`, `match`, `filters`, `forward`, `split`, `redirect`, `respond`, `upgrade`, `tracing`
                did you mean `respond`?
            """#),
        BadFile(
            "columns that count characters and not octets",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - { id: "ä", respond: 204, "prioritä": 1 }
            """#,
            #"""
            routes.yaml:4:11: `ä` is not a name
                  - { id: "ä", respond: 204, "prioritä": 1 }
                          ^
                expected: a name of letters, digits, `_`, `-` and `.` that does not begin with `-` or `.`, at most 128 characters
            routes.yaml:4:30: `prioritä` is not a key of `route`
                  - { id: "ä", respond: 204, "prioritä": 1 }
                                             ^
                expected: one of `id`, `priority`, `match`, `filters`, `forward`, `split`, `redirect`, `respond`, `upgrade`, `tracing`
                did you mean `priority`?
            """#),
        BadFile(
            "a value that is missing and a list that is a text",
            #"""
            version: 1
            listeners:
            routes: none
            """#,
            #"""
            routes.yaml:2:11: nothing is written here
                listeners:
                          ^
                expected: a list (`- …`); each: a mapping with the keys `name`, `address`, `trusted-proxies`, `proxy-protocol`, `tls`
            routes.yaml:3:9: `none` does not belong here
                routes: none
                        ^
                expected: a list (`- …`); each: a mapping with the keys `id`, `priority`, `match`, `filters`, `forward`, `split`, `redirect`, `respond`, `upgrade`, `tracing`
            """#),
        BadFile(
            "two colons in a line",
            #"""
            version: 1
            listeners: [{ address: 127.0.0.1:8080 }]
            routes:
              - id: a
                respond: status: 204
            """#,
            #"""
            routes.yaml:5:20: mapping values are not allowed in this context
                    respond: status: 204
                                   ^
                expected: one `key: value` in a line; quote a value that has `: ` in it
            """#),
    ]
}
