/// The JSON Schema of `routes.yaml`, made from the same tables that the reader follows.
///
/// It says what can be said of one value at a time. References, regular expressions and unreachable routes are for the reader.
public enum ConfigurationSchema {
    /// The schema (JSON Schema 2020-12), indented, always the same text.
    public static func json() -> String {
        var members: [JSONValue.Member] = [
            .init("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            .init("$id", .string("https://martlet.dev/schemas/routes.schema.json")),
            .init("title", .string("Martlet routes.yaml")),
        ]
        if case .object(let file) = Shapes.file.definition { members += file }
        let definitions = Shapes.definitions.map { JSONValue.Member($0.name, $0.definition) }
        members.append(.init("$defs", .object(definitions)))
        return JSONValue.object(members).prettyText()
    }
}
