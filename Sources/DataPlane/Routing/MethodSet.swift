public import HTTPModel

/// A set of methods as bits: the standard ones, and the extension methods that the table's routes name.
public struct MethodSet: Sendable, Equatable {
    /// Bit n is the standard method of raw value n; the extension methods of the table follow.
    var bits: UInt64

    /// Standard methods; the first extension method has this bit.
    static let standardCount = Int(Method.extension.rawValue)
    /// The bit of a method that no route names: only routes without methods have it.
    static let unknown: UInt64 = 1 << 63
    /// What a route without methods takes.
    static let all = UInt64.max

    /// True when no method is in it.
    public var isEmpty: Bool { bits == 0 }

    /// True when a standard method is in it.
    public func contains(_ method: Method) -> Bool {
        method != .extension && bits & (1 << UInt64(method.rawValue)) != 0
    }

    /// The bit of a standard method.
    static func bit(of method: Method) -> UInt64 {
        1 << UInt64(method.rawValue)
    }
}
