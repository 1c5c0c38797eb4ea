/// What came of normalising a path.
public enum PathOutcome: Sendable, Equatable {
    /// The received bytes are the normal form.
    case alreadyNormal
    /// The normal form is in the array.
    case normalized
    /// The request is answered with 400: two readers might understand the path differently.
    case rejected(PathDefect)
}

/// Why a path is refused rather than repaired.
public enum PathDefect: UInt8, Sendable, Equatable, CaseIterable {
    case notAbsolute
    case badPercentEncoding
    case encodedNull
    case encodedSlash
    case encodedBackslash
    case backslash
    case controlCharacter
    case nonASCII
    case forbiddenCharacter
    case climbsAboveRoot
    case dotSegmentWithParameters

    /// For the problem's `detail`.
    public var text: StaticString {
        switch self {
        case .notAbsolute: "the path does not begin with a slash"
        case .badPercentEncoding: "a percent sign in the path is not followed by two hexadecimal digits"
        case .encodedNull: "the path has an encoded NUL"
        case .encodedSlash: "the path has an encoded slash"
        case .encodedBackslash: "the path has an encoded backslash"
        case .backslash: "the path has a backslash"
        case .controlCharacter: "the path has a control character or a space"
        case .nonASCII: "the path has a byte outside ASCII"
        case .forbiddenCharacter: "the path has a character that may not stand there"
        case .climbsAboveRoot: "the path climbs above the root"
        case .dotSegmentWithParameters: "the path has a dot segment with parameters"
        }
    }
}
