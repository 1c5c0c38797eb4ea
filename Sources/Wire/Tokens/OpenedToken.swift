internal import Kernel
internal import Signatures

/// Room for one token while it is checked and used. One for each shard is enough; checking the next token forgets the last.
public struct OpenedToken: ~Copyable {
    private var headerText = ByteBuffer(capacity: TokenLimits.headerBytesMax)
    private var claimsText = ByteBuffer(capacity: TokenLimits.claimsBytesMax)
    private var signatureOctets = ByteBuffer(capacity: KeyLimits.signatureBytesMax)
    private var headerReader = JSONReader(limits: TokenLimits.header)
    private var claimsReader = JSONReader(limits: TokenLimits.claims)
    /// How far the token in here has been believed.
    private var isValid = false

    public init() {}

    /// The claims of the token that was found valid last; nil after one that was refused.
    public var claims: JSONValue? {
        @_lifetime(borrow self)
        get { isValid ? claimsReader.object(of: claimsText.readable) : nil }
    }

    /// The same for room that is a property of an object; nil after a token that was refused.
    public func withClaims<Result>(_ body: (borrowing JSONValue) -> Result) -> Result? {
        isValid ? body(claimsReader.object(of: claimsText.readable)) : nil
    }

    // MARK: The steps of a check

    mutating func clear() {
        isValid = false
        headerText.clear()
        claimsText.clear()
        signatureOctets.clear()
    }

    /// Decodes and reads the header.
    mutating func openHeader(_ part: Span<UInt8>) throws(TokenFailure) {
        try Self.open(part, &headerText, &headerReader)
    }

    var header: JSONValue {
        @_lifetime(borrow self)
        get { headerReader.object(of: headerText.readable) }
    }

    mutating func openSignature(_ part: Span<UInt8>) throws(TokenFailure) {
        guard Base64URL.decode(part, into: &signatureOctets) else { throw .malformed }
    }

    var signature: Span<UInt8> {
        @_lifetime(borrow self)
        get { signatureOctets.readable }
    }

    /// Decodes and reads the claims of a token whose signature is good.
    mutating func openClaims(_ part: Span<UInt8>) throws(TokenFailure) {
        try Self.open(part, &claimsText, &claimsReader)
    }

    /// The claims, read but not yet checked.
    var uncheckedClaims: JSONValue {
        @_lifetime(borrow self)
        get { claimsReader.object(of: claimsText.readable) }
    }

    private static func open(
        _ part: Span<UInt8>, _ text: inout ByteBuffer, _ reader: inout JSONReader
    ) throws(TokenFailure) {
        guard Base64URL.decode(part, into: &text) else { throw .malformed }
        do throws(JSONFailure) { try reader.read(text.readable) } catch { throw .malformed }
    }

    mutating func believe() { isValid = true }
}
