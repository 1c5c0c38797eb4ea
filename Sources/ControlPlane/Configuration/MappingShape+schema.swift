/// A mapping that has a place in the schema's `$defs`.
protocol SchemaDefinition: Sendable {
    var name: String { get }
    var definition: JSONValue { get }
}

extension MappingShape: SchemaDefinition {
    /// What other schemas say to mean this one.
    var reference: JSONValue {
        .object([.init("$ref", .string("#/$defs/" + name))])
    }

    /// The JSON Schema of the mapping.
    var definition: JSONValue {
        var members: [JSONValue.Member] = [
            .init("description", .string(summary)),
            .init("type", .string("object")),
            .init("additionalProperties", .boolean(false)),
        ]
        let required = keys.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { members.append(.init("required", .array(required))) }
        if !oneOf.isEmpty {
            let choices = oneOf.map { JSONValue.object([.init("required", .array([.string($0)]))]) }
            members.append(.init("oneOf", .array(choices)))
        }
        members.append(.init("properties", .object(keys.map { .init($0.name, $0.definition) })))
        return .object(members)
    }
}

extension MappingKey {
    /// The key's schema, with its documentation and default. Beside a `$ref` they are allowed since JSON Schema 2019-09.
    var definition: JSONValue {
        guard case .object(var members) = schema else { return schema }
        members.insert(.init("description", .string(documentation)), at: 0)
        if let defaultValue { members.append(.init("default", defaultValue)) }
        return .object(members)
    }
}
