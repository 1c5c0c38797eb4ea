internal import Declarations
internal import Filters
internal import HTTPModel
internal import Patterns
internal import Routing

/// The filters of a route, compiled: what may refuse a request, in order, and what is edited.
struct FilterChain {
    private(set) var pathEdits = PathEdits()
    private(set) var requestEdits = HeaderEdits()
    private(set) var responseEdits = HeaderEdits()
    /// Octets; 0 for no limit.
    private(set) var requestBodyBytesMax: Int
    /// Filters that may refuse, in order.
    private(set) var gates: [Gate] = []
    /// Pages of other origins.
    private(set) var crossOrigin: CrossOriginPolicy?
    /// `Strict-Transport-Security` with its CRLF, for connections with TLS; empty for none.
    private(set) var transportLine: [UInt8] = []
    /// There is something to do between the match and the action.
    private(set) var hasFilters = false

    /// A filter that looks at a request before anything happens to it.
    enum Gate {
        case allow(AddressSet)
        case deny(AddressSet)
        /// Limits that stand side by side.
        case limits(LimitGroup)
        case apiKey(APIKeyGate)
        case fault(FaultDeclaration)
        /// A place among those in progress, held until the exchange is over.
        case concurrency(ConcurrencyGate)
        /// The number of what is asked, for the shard's `TokenDesk`.
        case token(Int, TokenSource)

        /// Octets at most that it adds to an answer.
        var linesBytesMax: Int {
            if case .limits(let group) = self { group.linesBytesMax } else { 0 }
        }
    }

    /// Where a request has its token.
    enum TokenSource {
        case authorization
        case cookie([UInt8])
        case query([UInt8])

        init(_ declaration: TokenSourceDeclaration) {
            switch declaration {
            case .authorization: self = .authorization
            case .cookie(let name): self = .cookie(Array(name.utf8))
            case .query(let name): self = .query(Array(name.utf8))
            }
        }
    }

    /// Without filters.
    init(requestBodyBytesMax: Int) {
        self.requestBodyBytesMax = requestBodyBytesMax
    }

    /// Compiles the filters of a route.
    init(
        _ route: RouteDeclaration, captures: CaptureNames, limits: LimitsDeclaration, tokens: TokenDesk,
        register: LimitRegister
    ) throws(ShardTableError) {
        requestBodyBytesMax = limits.requestBodyBytes
        let claims = Self.claims(route)
        var group: [RateLimitDeclaration] = []
        for filter in route.filters {
            if case .rateLimit(let limit) = filter {
                group.append(limit)
                continue
            }
            // Only what may refuse stands between two limits.
            if filter.isGate { add(&group, register, claims, route) }
            if let gate = try Self.gate(filter, tokens, register, claims, route) { gates.append(gate) }
            try edit(filter, captures, route)
        }
        add(&group, register, claims, route)
        // The gateway speaks for the origin here; two answers to the same question would be none.
        if crossOrigin != nil { CrossOriginPolicy.fieldNames.forEach { responseEdits.remove($0) } }
        hasFilters = !gates.isEmpty || crossOrigin != nil || !transportLine.isEmpty
        try checkBounds(route)
    }

    private mutating func add(
        _ group: inout [RateLimitDeclaration], _ register: LimitRegister, _ claims: [String], _ route: RouteDeclaration
    ) {
        guard !group.isEmpty else { return }
        gates.append(.limits(LimitGroup(group, register: register, claims: claims, route: route.id)))
        group = []
    }

    /// The gate of a filter that may refuse; `nil` for the others.
    private static func gate(
        _ filter: FilterDeclaration, _ tokens: TokenDesk, _ register: LimitRegister, _ claims: [String],
        _ route: RouteDeclaration
    ) throws(ShardTableError) -> Gate? {
        switch filter {
        case .fault(let fault): return .fault(fault)
        case .apiKey(let keys): return .apiKey(APIKeyGate(keys))
        case .ipAllow(let networks): return .allow(AddressSet(networks))
        case .ipDeny(let networks): return .deny(AddressSet(networks))
        case .concurrencyLimit(let limit):
            return ConcurrencyGate(limit, register: register, claims: claims, route: route.id).map { .concurrency($0) }
        case .token(let token):
            do {
                return .token(try tokens.add(token, claims: claims), TokenSource(token.source))
            } catch {
                throw ShardTableError(message: "route '\(route.id)': jwt: \(error.message)")
            }
        case .rateLimit, .stripPrefix, .rewritePathTemplate, .rewritePathRegex, .setRequestHeader, .removeRequestHeader,
            .setResponseHeader, .removeResponseHeader, .requestSize, .crossOrigin, .secureHeaders:
            return nil
        }
    }

    /// What a filter changes of requests and answers.
    private mutating func edit(
        _ filter: FilterDeclaration, _ captures: CaptureNames, _ route: RouteDeclaration
    ) throws(ShardTableError) {
        switch filter {
        case .setRequestHeader(let name, let value): requestEdits.set(name, to: value)
        case .removeRequestHeader(let name): requestEdits.remove(name)
        case .setResponseHeader(let name, let value): responseEdits.set(name, to: value)
        case .removeResponseHeader(let name): responseEdits.remove(name)
        case .requestSize(let bytes): requestBodyBytesMax = bytes
        case .token(let token):
            // Only the gateway speaks of the claims.
            for header in token.claimHeaders { requestEdits.remove(header.name) }
            if !token.forwardsToken, token.source == .authorization { requestEdits.remove("Authorization") }
        case .apiKey(let keys):
            if !keys.nameHeader.isEmpty { requestEdits.remove(keys.nameHeader) }
            if !keys.forwardsKey, !keys.header.isEmpty { requestEdits.remove(keys.header) }
        case .crossOrigin(let cors): crossOrigin = CrossOriginPolicy(cors)
        case .secureHeaders(let declaration):
            let headers = SecureHeaders(declaration)
            headers.add(to: &responseEdits)
            transportLine = headers.transportLine
        case .stripPrefix, .rewritePathTemplate, .rewritePathRegex:
            do {
                _ = try pathEdits.add(filter, captures: captures)
            } catch {
                throw ShardTableError(message: "route '\(route.id)': \(error.message)")
            }
        case .rateLimit, .concurrencyLimit, .fault, .ipAllow, .ipDeny: break
        }
    }

    /// Octets that the set headers of one direction may add to a head, so that a head always fits a buffer.
    static let editBytesMax = 16_384

    private func checkBounds(_ route: RouteDeclaration) throws(ShardTableError) {
        guard requestEdits.bytesMax <= Self.editBytesMax, responseEdits.bytesMax <= Self.editBytesMax else {
            throw ShardTableError(
                message: "route '\(route.id)': the headers set add up to more than \(Self.editBytesMax) octets")
        }
        let added = transportLine.count + (crossOrigin?.bytesMax(originBytes: CrossOriginPolicy.originBytesMax) ?? 0)
        guard added + gates.reduce(0, { $0 + $1.linesBytesMax }) <= Self.editBytesMax else {
            throw ShardTableError(
                message:
                    "route '\(route.id)': what the filters add to answers is more than \(Self.editBytesMax) octets")
        }
    }

    /// The claims that limits of the route count by.
    private static func claims(_ declaration: RouteDeclaration) -> [String] {
        var paths: [String] = []
        for filter in declaration.filters {
            for case .claim(let path) in filter.counting?.key ?? [] where !paths.contains(path) { paths.append(path) }
        }
        return paths
    }

    /// Limits that a request comes to only behind filters that may have made it wait.
    func countsAfterWait(_ group: LimitGroup) -> Bool {
        for gate in gates {
            switch gate {
            case .token, .fault: return true
            case .limits(let other) where other === group: return false
            case .limits, .concurrency, .apiKey, .allow, .deny: break
            }
        }
        return true
    }
}

extension FilterDeclaration {
    /// It may refuse, so its place among the others matters.
    fileprivate var isGate: Bool {
        switch self {
        case .ipAllow, .ipDeny, .token, .apiKey, .rateLimit, .concurrencyLimit, .fault: true
        case .stripPrefix, .rewritePathTemplate, .rewritePathRegex, .setRequestHeader, .removeRequestHeader,
            .setResponseHeader, .removeResponseHeader, .requestSize, .crossOrigin, .secureHeaders:
            false
        }
    }
}
