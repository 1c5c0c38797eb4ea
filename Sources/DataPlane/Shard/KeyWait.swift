internal import EventLoop

/// What a request that needs keys has asked for, and what it still waits for.
struct KeyWait {
    /// Sources that were asked; none is asked twice for one request.
    var asked: [String] = []
    /// Those of them that have not answered yet.
    var pending: [String] = []
    /// It waits; else it is looked at anew.
    var isParked = false
    /// When it is looked at in any case.
    var until: UInt64
}

/// A connection whose request waits for one source.
struct KeyWaiter {
    var downstream: SlotToken
    var source: String
}

extension Downstream {
    /// Its request waits for keys, or is held back: nothing is read, so that what follows costs no buffer.
    var isParked: Bool { delay == .running || keyWait?.isParked ?? false }
}
