public import HTTPModel
internal import Kernel

/// The list of `X-Forwarded-For`: each proxy appends whom it was connected to.
public enum ForwardedFor {
    /// Where the last element lies; `nil` when the list is empty.
    public static func last(_ value: ByteRange, in bytes: Span<UInt8>) -> ByteRange? {
        var walker = ListWalker(value)
        var last: ByteRange?
        while let element = walker.element(in: bytes) { last = element }
        return last
    }
}
