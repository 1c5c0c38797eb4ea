/// Bounds on one JSON document.
public struct JSONLimits: Sendable, Equatable {
    /// Containers inside each other that the reader can follow at all.
    public static let depthCeiling = 32

    /// Octets of the document.
    public var bytesMax: Int
    /// Containers inside each other, the outermost included; at most `depthCeiling`.
    public var depthMax: Int
    /// Values and member names in all. They decide the reader's memory: 16 octets each.
    public var nodesMax: Int
    /// Members of one object. Each name is compared with those before it, so the work grows with the square of this.
    public var membersMax: Int

    public init(bytesMax: Int, depthMax: Int, nodesMax: Int, membersMax: Int) {
        precondition(bytesMax > 0 && bytesMax <= Int(Int32.max) && nodesMax > 0 && nodesMax <= Int(Int32.max))
        precondition(depthMax > 0 && depthMax <= Self.depthCeiling && membersMax >= 0)
        self.bytesMax = bytesMax
        self.depthMax = depthMax
        self.nodesMax = nodesMax
        self.membersMax = membersMax
    }
}

/// Why a text is not the JSON object that was asked for.
public struct JSONFailure: Error, Sendable, Equatable {
    public enum Reason: Sendable, Equatable {
        /// More octets than allowed.
        case tooLarge
        /// The document is another value than an object.
        case notAnObject
        /// Not JSON (RFC 8259), or something behind the document.
        case syntax
        /// The text ends inside the document.
        case cutShort
        case tooDeep
        case tooManyValues
        case tooManyMembers
        /// Two members of an object have the same name. Readers differ in which one they take (RFC 8725 §2.4).
        case duplicateMember
        /// Not UTF-8, half of a surrogate pair, an unknown escape, or a NUL.
        case text
        /// More digits than any number of use.
        case longNumber
    }

    public var reason: Reason
    /// Where, in octets from the start.
    public var offset: Int

    public init(reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

/// One value of a document that was read, or the name of a member. In document order: what is inside a container follows it, and a
/// member's value follows its name.
struct JSONNode {
    /// The first octet; of a text, the one behind the quotation mark.
    var start: Int32
    /// Behind the last octet; of a text, where the closing quotation mark is. Of a container, how many children it has.
    var end: Int32
    /// The index of the node behind this one and all that belongs to it; for a name, behind its value.
    var next: Int32
    var kind: JSONKind
    /// The text has escapes. Of an object: two of its members have the same name.
    var isMarked: Bool
    /// Part of a hash of a name's meaning.
    var hash: UInt16
}

/// The kinds of JSON values.
public enum JSONKind: UInt8, Sendable {
    case object, array, string, number, boolean, null
}
