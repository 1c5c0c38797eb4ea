/// Carries one value from the thread that made it to the one that will own it.
///
/// The value need not be `Sendable`: `sending` proves at compile time that the giver keeps no way to reach it, and `take()`
/// empties the box, so that at no time two threads hold it.
public final class HandOver<Value>: @unchecked Sendable {
    // Written once in `init` before the box is shared; read and emptied under `taken`.
    private var value: Value?
    private let taken = Guarded(false)

    /// Takes the value over from its maker.
    public init(_ value: sending Value) {
        self.value = value
    }

    /// The value, for the first who asks; `nil` for all others.
    public func take() -> sending Value? {
        let isFirst = taken.withLock { taken in
            defer { taken = true }
            return !taken
        }
        guard isFirst else { return nil }
        nonisolated(unsafe) let result = value
        value = nil
        // Nobody else can reach the value any more: the giver gave it up, and only the first taker comes here.
        return unsafe result
    }
}
