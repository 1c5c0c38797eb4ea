internal import Glibc

/// An owned file descriptor: closed when it goes away, never copied.
@frozen
public struct Descriptor: ~Copyable {
    @usableFromInline let number: Int32

    /// Takes over an open descriptor.
    @inlinable
    init(owning number: Int32) {
        precondition(number >= 0)
        self.number = number
    }

    deinit {
        close(number)
    }

    /// Gives the descriptor up without closing it.
    @inlinable
    consuming func release() -> Int32 {
        let released = number
        discard self
        return released
    }

    /// The number, for messages.
    public var label: Int { Int(number) }
}
