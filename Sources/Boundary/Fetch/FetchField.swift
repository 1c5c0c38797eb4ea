/// A field of a request or a response.
public struct FetchField: Sendable, Equatable {
    /// As written; compare without regard to case (RFC 9110 §5.1).
    public var name: String
    /// Without white space around it.
    public var value: String

    /// Both parts.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension [FetchField] {
    /// The value of the first field with this name, in whatever case.
    public func firstValue(_ name: String) -> String? {
        let wanted = name.lowercased()
        return first { $0.name.lowercased() == wanted }?.value
    }
}
