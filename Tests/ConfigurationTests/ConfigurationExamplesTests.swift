import Configuration
import Foundation
import Testing

/// The folder of the package's documents, found from this file.
private let documents = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs")

@Suite struct ConfigurationExamplesTests {
    static let names = [
        "api-with-hosts", "canary-split", "edge", "header-and-query", "minimal", "policies", "redirects",
        "static-responses",
    ]

    private static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: documents.appending(path: "examples/\(name).yaml")))
    }

    @Test func `lists every example that there is`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: documents.appending(path: "examples").path)
        #expect(files.filter { $0.hasSuffix(".yaml") }.sorted() == Self.names.map { $0 + ".yaml" })
    }

    @Test(arguments: names)
    func `finds no problem in an example`(name: String) throws {
        let outcome = ConfigurationReader.read(bytes: try Self.bytes(name), file: "\(name).yaml")
        #expect(outcome.report.text() == "")
    }

    @Test func `ships the schema that the reader follows`() throws {
        let shipped = try String(contentsOf: documents.appending(path: "routes.schema.json"), encoding: .utf8)
        #expect(
            shipped == ConfigurationSchema.json(), "write the output of `martlet schema` to docs/routes.schema.json")
    }

    @Test func `documents every key`() throws {
        let page = try String(contentsOf: documents.appending(path: "configuration.md"), encoding: .utf8)
        let schema = try SchemaValidator(json: ConfigurationSchema.json())
        #expect(schema.keys.count > 50)
        #expect(schema.keys.filter { !page.contains("`\($0)`") && !page.contains("\($0): ") }.sorted() == [])
    }

    @Test(arguments: names)
    func `validates an example by the schema`(name: String) throws {
        let schema = try SchemaValidator(json: ConfigurationSchema.json())
        #expect(schema.problems(in: try YAMLValue.read(try Self.bytes(name))) == [])
    }

    @Test(arguments: [
        ("version: 1\nlisteners: [{ address: a }]\nroutes: []\nroute: []", "$: unknown key route"),
        ("version: 1", "$: missing listeners, $: missing routes"),
        ("version: 2\nlisteners: [{ address: a }]\nroutes: []", "$.version: not 1"),
        ("version: 1\nlisteners: []\nroutes: []", "$.listeners: fewer than 1"),
        (
            "version: 1\nlisteners: [{ address: a }]\nroutes: []\ndefaults: { timeouts: { idle: 10 } }",
            "$.defaults.timeouts.idle: not string"
        ),
        (
            "version: 1\nlisteners: [{ address: a }]\nroutes: []\ndefaults: { limits: { request-body: 1X } }",
            "$.defaults.limits.request-body: pattern"
        ),
        (
            "version: 1\nlisteners: [{ address: a }]\nroutes: [{ id: a, respond: 204, redirect: /a }]",
            "$.routes[0]: 2 of oneOf"
        ),
        (
            "version: 1\nlisteners: [{ address: a }]\nroutes: [{ id: a, respond: 99 }]",
            "$.routes[0].respond: none of anyOf"
        ),
        (
            "version: 1\nlisteners: [{ address: a, tls: { minimum-version: 1.1, ticket-rotation: 12 } }]\nroutes: []",
            "$.listeners[0].tls.minimum-version: enum, $.listeners[0].tls.ticket-rotation: not string"
        ),
        (
            "version: 1\nlisteners: [{ address: a }]\nupstreams: { u: { endpoints: [\"a:1\"], retries: no } }\nroutes: []",
            "$.upstreams.u.retries: none of anyOf"
        ),
        (
            "version: 1\nlisteners: [{ address: a }]\ndefaults: { upstream: { health: { panic: 50 } } }\nroutes: []",
            "$.defaults.upstream.health.panic: not string"
        ),
        (
            "version: 1\nlisteners: [{ address: a }]\nroutes: [{ id: a, respond: 204, upgrade: [] }]",
            "$.routes[0].upgrade: none of anyOf"
        ),
    ])
    func `refuses by the schema what the reader refuses`(content: String, expected: String) throws {
        let schema = try SchemaValidator(json: ConfigurationSchema.json())
        let problems = schema.problems(in: try YAMLValue.read(Array(content.utf8)))
        #expect(problems.joined(separator: ", ") == expected)
        #expect(ConfigurationReader.read(bytes: Array(content.utf8), file: "f").report.hasErrors)
    }
}
