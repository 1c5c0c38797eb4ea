import Foundation

/// As much of JSON Schema 2020-12 as the schema of `routes.yaml` uses. A keyword that it does not know is an error.
struct SchemaValidator {
    private let root: [String: Any]

    struct NotASchema: Error {}

    init(json: String) throws {
        guard let root = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] else {
            throw NotASchema()
        }
        self.root = root
    }

    /// All keys of all mappings.
    var keys: Set<String> {
        let definitions = Array((root["$defs"] as! [String: [String: Any]]).values) + [root]
        return Set(definitions.flatMap { ($0["properties"] as? [String: Any] ?? [:]).keys })
    }

    func problems(in value: Any) -> [String] {
        problems(value, root, "$").sorted()
    }

    private func problems(_ value: Any, _ schema: [String: Any], _ place: String) -> [String] {
        schema.flatMap { keyword, rule -> [String] in
            switch keyword {
            case "$schema", "$id", "$defs", "title", "description", "default": []
            case "$ref": problems(value, definition(rule as! String), place)
            case "type": isOf(value, rule) ? [] : ["\(place): not \((rule as? String) ?? "one of \(rule)")"]
            case "const": value as? Int == rule as? Int ? [] : ["\(place): not \(rule)"]
            case "enum": isAmong(rule as! [AnyHashable], value) ? [] : ["\(place): enum"]
            case "anyOf", "oneOf": choices(value, rule as! [[String: Any]], keyword, place)
            default: contents(value, keyword, rule, schema, place)
            }
        }
    }

    private func contents(
        _ value: Any, _ keyword: String, _ rule: Any, _ schema: [String: Any], _ place: String
    ) -> [String] {
        switch (keyword, value) {
        case ("minimum", let number as Int): return number >= rule as! Int ? [] : ["\(place): minimum"]
        case ("maximum", let number as Int): return number <= rule as! Int ? [] : ["\(place): maximum"]
        case ("pattern", let text as String):
            return text.range(of: rule as! String, options: .regularExpression) != nil ? [] : ["\(place): pattern"]
        case ("minItems", let list as [Any]):
            return list.count >= rule as! Int ? [] : ["\(place): fewer than \(rule)"]
        case ("maxItems", let list as [Any]): return list.count <= rule as! Int ? [] : ["\(place): more than \(rule)"]
        case ("items", let list as [Any]):
            return list.enumerated().flatMap { problems($1, rule as! [String: Any], "\(place)[\($0)]") }
        case ("required", let mapping as [String: Any]):
            return (rule as! [String]).filter { mapping[$0] == nil }.map { "\(place): missing \($0)" }
        case ("properties", let mapping as [String: Any]):
            return (rule as! [String: [String: Any]]).flatMap { name, inner in
                mapping[name].map { problems($0, inner, "\(place).\(name)") } ?? []
            }
        case ("propertyNames", let mapping as [String: Any]):
            return mapping.keys.flatMap { problems($0, rule as! [String: Any], place) }
        case ("additionalProperties", let mapping as [String: Any]):
            let known = schema["properties"] as? [String: Any] ?? [:]
            return mapping.filter { known[$0.key] == nil }.flatMap { name, inner in
                (rule as? [String: Any]).map { problems(inner, $0, "\(place).\(name)") } ?? [
                    "\(place): unknown key \(name)"
                ]
            }
        case ("minimum", _), ("maximum", _), ("pattern", _), ("minItems", _), ("maxItems", _), ("items", _),
            ("required", _), ("properties", _), ("propertyNames", _), ("additionalProperties", _):
            return []
        default: return ["\(place): unknown keyword \(keyword)"]
        }
    }

    private func choices(_ value: Any, _ schemas: [[String: Any]], _ keyword: String, _ place: String) -> [String] {
        let count = schemas.count { problems(value, $0, place).isEmpty }
        if keyword == "oneOf" { return count == 1 ? [] : ["\(place): \(count) of oneOf"] }
        return count > 0 ? [] : ["\(place): none of anyOf"]
    }

    private func definition(_ reference: String) -> [String: Any] {
        (root["$defs"] as! [String: [String: Any]])[String(reference.dropFirst("#/$defs/".count))]!
    }

    /// A list or a mapping is never one of a few words.
    private func isAmong(_ words: [AnyHashable], _ value: Any) -> Bool {
        if value is [Any] || value is [String: Any] { return false }
        return (value as? AnyHashable).map(words.contains) ?? false
    }

    private func isOf(_ value: Any, _ rule: Any) -> Bool {
        let types = rule as? [String] ?? [rule as! String]
        let type =
            switch value {
            case is Bool: "boolean"
            case is Int: "integer"
            case is String: "string"
            case is [Any]: "array"
            default: "object"
            }
        return types.contains(type) || (type == "integer" && types.contains("number"))
    }
}
