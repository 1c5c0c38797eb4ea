internal import Forwarding
internal import HTTP1
internal import HTTPModel
internal import Kernel
internal import Telemetry
internal import Upstreams

/// One request and its response. Instances are reused, so that a steady exchange allocates nothing.
final class Exchange {
    var machine = ExchangeMachine(isIdempotent: false, requestIsComplete: true, closesDownstream: false)
    var downstream: Downstream?
    var upstream: UpstreamConnection?
    var plan: RoutePlan?
    var cluster: Cluster?
    var endpoint = -1
    /// The endpoint counts this exchange as in progress.
    var isActive = false
    /// What is known of its attempts at the upstream.
    var attempt = AttemptState()

    var method = Method.get
    var version = HTTPVersion.http11
    var acceptsTrailers = false
    /// The client waits for `100 (Continue)` and has not sent a byte of the body yet.
    var awaitsContinue = false

    var requestReader = BodyReader(.none)
    var requestPackaging = BodyPackaging.plain
    var requestBodyBytesMax = 0
    var responseReader = BodyReader(.none)
    var responsePackaging = BodyPackaging.plain
    /// The origin lets its connection live on.
    var keepsUpstream = false
    /// Which of its route's protocols the client asked to change to; -1 for none.
    var upgrade = -1
    /// Set once the protocol was changed.
    var tunnel: Tunnel?

    /// The request as it goes upstream. The first `requestSent` bytes are out; they are kept for a second try.
    var request = ByteBuffer()
    var requestSent = 0
    /// A body that the gateway answers with itself.
    var fixedBody: [UInt8] = []
    var fixedBodySent = 0
    /// The first half of the line in the access log.
    var record = ByteBuffer()
    /// Its line in the log names a subject.
    var hasSubject = false
    /// Field lines that filters add to the answer, whoever gives it.
    var answerLines = ByteBuffer()
    /// Field lines that filters add to the request to the upstream.
    var requestLines: [UInt8] = []
    /// Places that it takes among those in progress.
    var places: [HeldPlace] = []
    /// The request's identifier as text.
    var requestID = ByteBuffer(capacity: requestIDBytesMax)

    /// Its place in a trace; `nil` without one.
    var trace: ExchangeTrace?
    /// Its attempts, while it is not decided whether they are recorded. The room is kept for the next exchange.
    var clientSpans: [ClientSpan] = []

    var started: UInt64 = 0
    var upstreamStarted: UInt64 = 0
    var connectNanoseconds: Int64 = -1
    var upstreamNanoseconds: Int64 = -1
    /// When the whole exchange must be over; 0 for never.
    var deadline: UInt64 = 0

    var interimAnswers = 0
    var requestBytes = 0
    var responseBytes = 0
    var status = 0
    var error: GatewayError?
    /// Set once the answer is complete; the exchange ends when the client has taken all of it.
    var ending: ExchangeMachine.DownstreamEnding?

    /// Neither answered nor over: it may still be worked on.
    var isOpen: Bool { downstream != nil && ending == nil && error == nil }

    /// A trusted peer's identifier is kept up to this length.
    static let requestIDBytesMax = 128
    /// Interim answers of one exchange; an origin that never comes to the point is cut off.
    static let interimAnswersMax = 32

    /// Forgets everything; buffers must have been given back.
    func reset() {
        precondition(!request.hasStorage && !record.hasStorage && !answerLines.hasStorage)
        downstream = nil
        upstream = nil
        plan = nil
        cluster = nil
        endpoint = -1
        precondition(!isActive && places.isEmpty)
        attempt = AttemptState()
        acceptsTrailers = false
        awaitsContinue = false
        requestReader = BodyReader(.none)
        requestPackaging = .plain
        responseReader = BodyReader(.none)
        responsePackaging = .plain
        keepsUpstream = false
        upgrade = -1
        if tunnel != nil { tunnel = nil }
        requestSent = 0
        if !fixedBody.isEmpty { fixedBody = [] }
        fixedBodySent = 0
        if !requestLines.isEmpty { requestLines = [] }
        hasSubject = false
        requestID.clear()
        if trace != nil {
            trace = nil
            clientSpans.removeAll(keepingCapacity: true)
        }
        upstreamStarted = 0
        connectNanoseconds = -1
        upstreamNanoseconds = -1
        deadline = 0
        interimAnswers = 0
        requestBytes = 0
        responseBytes = 0
        status = 0
        error = nil
        ending = nil
    }
}
