extension StaticString {
    /// Lends the literal's UTF-8 bytes.
    @inlinable
    public func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        precondition(hasPointerRepresentation)
        // A static string's bytes live as long as the program.
        return unsafe body(Span(_unsafeStart: utf8Start, count: utf8CodeUnitCount))
    }

    /// The literal's UTF-8 bytes, valid as long as the program runs.
    @inlinable
    public var span: Span<UInt8> {
        @_lifetime(immortal)
        get {
            precondition(hasPointerRepresentation)
            // A static string's bytes live as long as the program.
            let span = unsafe Span(_unsafeStart: utf8Start, count: utf8CodeUnitCount)
            return unsafe _overrideLifetime(span, copying: ())
        }
    }
}
