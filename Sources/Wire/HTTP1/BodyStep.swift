/// One step through the bytes of a body.
public enum BodyStep: Sendable, Equatable {
    /// These bytes of the input are content; the next step begins behind them.
    case content(Range<Int>)
    /// All that can be used is used up to this index. What lies behind it (an unfinished trailer section) must be kept and
    /// given again with more behind it.
    case needsMore(consumed: Int)
    /// The body ended before this index.
    case finished(consumed: Int)
    /// The framing is broken.
    case failed
}
