internal import CLinux
internal import Glibc

/// A descriptor kept for the moment when there are no others: closing it makes room to accept a connection and refuse it, where
/// the client would otherwise hang in the backlog.
public struct SpareDescriptor: ~Copyable {
    // Open, or -1 when it could not be opened again yet.
    var number: Int32

    /// Sets a descriptor aside.
    public init() {
        number = cl_spare_open()
    }

    deinit {
        if number >= 0 { close(number) }
    }

    /// Tries to set one aside again.
    public mutating func renew() {
        if number < 0 { number = cl_spare_open() }
    }
}
