extension StaticString {
    /// Lends the literal's UTF-8 bytes.
    @inlinable
    public func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        precondition(hasPointerRepresentation)
        // A static string's bytes live as long as the program.
        return unsafe body(Span(_unsafeStart: utf8Start, count: utf8CodeUnitCount))
    }
}
