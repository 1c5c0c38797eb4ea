internal import WebSocket

/// What is known of an exchange that has changed to another protocol.
struct Tunnel {
    /// When a byte last passed, in either direction.
    var lastProgress: UInt64
    /// A WebSocket's frames from the origin to the client; `nil` for other protocols, where nothing can be put in between.
    var frames: FrameBoundary?
    /// The client has been told that the gateway goes away; nothing of the origin's follows.
    var isLeaving = false
    /// When it will be told, or cut off after it was; 0: not foreseen.
    var leaveAt: UInt64 = 0
    /// The end of one direction has been passed on.
    var upstreamWasEnded = false
    var downstreamWasEnded = false
}
