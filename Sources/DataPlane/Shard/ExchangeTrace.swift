internal import Kernel
internal import Telemetry
internal import TraceContext

/// An exchange's place in a trace: its own span, and which of its attempts' ids stands in the head that goes upstream.
///
/// A head is written once and sent as often as there are attempts, each of which is a span of its own: their ids are put into it.
struct ExchangeTrace {
    /// An attempt in progress.
    struct Attempt {
        /// Not 0 once there is one.
        var spanID: UInt64 = 0
        /// Its place among the exchange's `clientSpans`; -1 when it is not recorded.
        var index = -1
    }

    let route: RouteTracing
    /// The exchange's own span.
    let server: SpanContext
    let head: HeadDecision
    /// What the head was written for, until an attempt takes it.
    var first: SpanContext?
    /// Where the id stands in the head; none when the upstream is told nothing.
    var places = SpanIDPlaces()
    var current = Attempt()
    /// The attempt that runs beside the current one.
    var rival = Attempt()

    init(_ start: TraceStart, route: RouteTracing) {
        self.route = route
        server = start.context
        head = start.head
    }

    /// Attempts whose spans are collected; more than there can be, but for a peer that finds a way.
    static let clientSpansMax = 16

    /// Lets a request bear the id of the current attempt. It begins with the head as it was written.
    func writeCurrent(into request: inout ByteBuffer) {
        places.replace(with: current.spanID, in: &request)
    }

    /// Lets a request bear the id of the rival.
    func writeRival(into request: inout ByteBuffer) {
        places.replace(with: rival.spanID, in: &request)
    }

    /// From now on the rival is the current attempt; it may not have sent anything yet.
    mutating func rivalTakesPlace(_ request: inout ByteBuffer) {
        current = rival
        rival = Attempt()
        writeCurrent(into: &request)
    }
}
