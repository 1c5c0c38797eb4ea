internal import HTTPModel

/// What a match looks at: spans lent by the caller for the time of the match.
struct RouteRequest: ~Copyable, ~Escapable {
    /// The one bit of the request's method.
    let method: UInt64
    let host: Span<UInt8>
    let path: Span<UInt8>
    let query: Span<UInt8>
    let fields: Span<FieldEntry>
    let head: Span<UInt8>

    @_lifetime(copy host, copy path, copy query, copy fields, copy head)
    init(
        method: UInt64, host: Span<UInt8>, path: Span<UInt8>, query: Span<UInt8>, fields: Span<FieldEntry>,
        head: Span<UInt8>
    ) {
        self.method = method
        self.host = host
        self.path = path
        self.query = query
        self.fields = fields
        self.head = head
    }
}

/// How far a match has come.
struct MatchProgress<Observer: MatchObserver> {
    var observer: Observer
    /// The best rank that matched; `endOfList` while there is none.
    var best = endOfList
    /// Ranks from here on need not be looked at: `best`, or `endOfList` for an observer that sees everything.
    var bound = endOfList
    /// A candidate was passed over for its method.
    var methodFailed = false
    var patternsGaveUp = 0
    /// Room for a percent-decoded query value that a pattern asks for; lent by the captures, grows once to the longest seen.
    var decoded: [UInt8] = []

    init(_ observer: Observer) {
        self.observer = observer
    }
}
