/// A place in a YAML source, as people count: both numbers from 1, the column in characters.
public struct YAMLPosition: Sendable, Equatable {
    public var line: Int32
    public var column: Int32

    public init(line: Int32, column: Int32) {
        self.line = line
        self.column = column
    }
}

/// One step of a YAML stream, in the order of the file.
///
/// A scalar's content is not in the event: it lies in the array that the caller gave to `YAMLParser.next`, so a file of a
/// hundred thousand scalars costs one growing array and no string.
public struct YAMLEvent: Sendable {
    public enum Kind: UInt8, Sendable {
        case streamStarted, streamEnded
        case documentStarted, documentEnded
        case sequenceStarted, sequenceEnded
        case mappingStarted, mappingEnded
        case scalar
        case alias
    }

    public var kind: Kind
    public var position: YAMLPosition
    /// The scalar's content (or the alias's name) in the caller's text array; empty for the other kinds.
    public var text: Range<Int>
    /// A scalar without quotes and without a block indicator.
    public var isPlain: Bool
    /// The node carries `&name`.
    public var hasAnchor: Bool
    /// The node carries `!tag`.
    public var hasTag: Bool
}

/// Why a source is not YAML.
public struct YAMLSyntaxError: Error, Sendable, Equatable {
    /// libyaml's words, such as "did not find expected key".
    public var message: String
    /// What was being read, such as "while parsing a block mapping"; empty when there is nothing to say.
    public var context: String
    /// Where `context` began.
    public var contextPosition: YAMLPosition?
    /// Where reading stopped; `nil` when only the offset is known.
    public var position: YAMLPosition?
    /// The offset in octets of a byte that may not stand in a YAML file at all; `nil` for other errors.
    public var byteOffset: Int?

    public init(
        message: String, context: String = "", contextPosition: YAMLPosition? = nil, position: YAMLPosition? = nil,
        byteOffset: Int? = nil
    ) {
        self.message = message
        self.context = context
        self.contextPosition = contextPosition
        self.position = position
        self.byteOffset = byteOffset
    }
}
