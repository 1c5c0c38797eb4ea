internal import Declarations
internal import Filters
internal import HTTPModel
internal import Patterns
internal import Routing
internal import Telemetry
internal import Upstreams

/// A route, compiled: what happens to a request that takes it. The predicates are in the `RouteTable`.
///
/// An exchange holds its plan, so a reload may drop the table while streams of it live on.
final class RoutePlan {
    /// What happens.
    enum Action {
        /// To the upstream of this index in the table.
        case forward(Int)
        case split([Int], SplitDraw)
        case redirect(PathTemplate, status: Int, keepsQuery: Bool)
        case respond(FixedAnswer)
        /// To the local service of this index in the table.
        case local(Int)
    }

    /// An answer that is the same for every request.
    struct FixedAnswer {
        var status: Int
        var body: [UInt8]
        /// Field lines with their CRLFs.
        var lines: [UInt8]
    }

    let index: Int
    let id: String
    let quotedID: [UInt8]
    /// The id as it may stand between quotation marks in a field.
    let realm: [UInt8]
    let action: Action
    let pathEdits: PathEdits
    let requestEdits: HeaderEdits
    let responseEdits: HeaderEdits
    /// Octets; 0 for no limit.
    let requestBodyBytesMax: Int
    /// Names of what its paths capture.
    let captures: CaptureNames
    /// Protocols that a request may change to, in lower case.
    let upgrades: [[UInt8]]
    /// Filters that may refuse, in order.
    let gates: [Gate]
    /// Pages of other origins.
    let crossOrigin: CrossOriginPolicy?
    /// `Strict-Transport-Security` with its CRLF, for connections with TLS; empty for none.
    let transportLine: [UInt8]
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

    /// There is something to do between the match and the action.
    let hasFilters: Bool

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

    /// Compiles a route. `upstreams` tells the index of an upstream's name.
    init(
        _ declaration: RouteDeclaration, index: Int, upstreams: [String: Int], limits: LimitsDeclaration,
        tokens: TokenDesk,
        register: LimitRegister
    ) throws(ShardTableError) {
        self.index = index
        id = declaration.id
        quotedID = AccessLogFormat.quoted(declaration.id)
        realm = Self.realm(declaration.id)
        let captures = CaptureNames(declaration.match)
        self.captures = captures
        var paths = PathEdits()
        var request = HeaderEdits()
        var response = HeaderEdits()
        var bytesMax = limits.requestBodyBytes
        var gates: [Gate] = []
        var crossOrigin: CrossOriginPolicy?
        var transportLine: [UInt8] = []
        var group: [RateLimitDeclaration] = []
        let claims = Self.claims(declaration)
        func endGroup() {
            guard !group.isEmpty else { return }
            gates.append(.limits(LimitGroup(group, register: register, claims: claims, route: declaration.id)))
            group = []
        }
        for filter in declaration.filters {
            if case .rateLimit(let limit) = filter {
                group.append(limit)
                continue
            }
            if filter.isGate { endGroup() }
            switch filter {
            case .rateLimit: break
            case .fault(let fault): gates.append(.fault(fault))
            case .apiKey(let keys):
                gates.append(.apiKey(APIKeyGate(keys)))
                if !keys.nameHeader.isEmpty { request.remove(keys.nameHeader) }
                if !keys.forwardsKey, !keys.header.isEmpty { request.remove(keys.header) }
            case .concurrencyLimit(let limit):
                if let gate = ConcurrencyGate(limit, register: register, claims: claims, route: declaration.id) {
                    gates.append(.concurrency(gate))
                }
            case .setRequestHeader(let name, let value): request.set(name, to: value)
            case .removeRequestHeader(let name): request.remove(name)
            case .setResponseHeader(let name, let value): response.set(name, to: value)
            case .removeResponseHeader(let name): response.remove(name)
            case .requestSize(let bytes): bytesMax = bytes
            case .ipAllow(let networks): gates.append(.allow(AddressSet(networks)))
            case .ipDeny(let networks): gates.append(.deny(AddressSet(networks)))
            case .token(let token):
                do {
                    gates.append(.token(try tokens.add(token, claims: claims), TokenSource(token.source)))
                } catch {
                    throw ShardTableError(message: "route '\(declaration.id)': jwt: \(error.message)")
                }
                // Only the gateway speaks of the claims.
                for header in token.claimHeaders { request.remove(header.name) }
                if !token.forwardsToken, token.source == .authorization { request.remove("Authorization") }
            case .crossOrigin(let cors): crossOrigin = CrossOriginPolicy(cors)
            case .secureHeaders(let declaration):
                let headers = SecureHeaders(declaration)
                headers.add(to: &response)
                transportLine = headers.transportLine
            case .stripPrefix, .rewritePathTemplate, .rewritePathRegex:
                do {
                    _ = try paths.add(filter, captures: captures)
                } catch {
                    throw ShardTableError(message: "route '\(declaration.id)': \(error.message)")
                }
            }
        }
        guard request.bytesMax <= Self.editBytesMax, response.bytesMax <= Self.editBytesMax else {
            throw ShardTableError(
                message: "route '\(declaration.id)': the headers set add up to more than \(Self.editBytesMax) octets")
        }
        endGroup()
        // The gateway speaks for the origin here; two answers to the same question would be none.
        if crossOrigin != nil { CrossOriginPolicy.fieldNames.forEach { response.remove($0) } }
        self.gates = gates
        self.crossOrigin = crossOrigin
        self.transportLine = transportLine
        hasFilters = !gates.isEmpty || crossOrigin != nil || !transportLine.isEmpty
        let added = transportLine.count + (crossOrigin?.bytesMax(originBytes: CrossOriginPolicy.originBytesMax) ?? 0)
        guard added + gates.reduce(0, { $0 + $1.linesBytesMax }) <= Self.editBytesMax else {
            throw ShardTableError(
                message:
                    "route '\(declaration.id)': what the filters add to answers is more than \(Self.editBytesMax) octets"
            )
        }
        pathEdits = paths
        requestEdits = request
        responseEdits = response
        requestBodyBytesMax = bytesMax
        upgrades = declaration.upgrades.map { Array($0.utf8) }
        action = try Self.action(declaration, captures, upstreams)
    }

    /// A route to a local service.
    init(_ declaration: RouteDeclaration, index: Int, service: Int) {
        self.index = index
        id = declaration.id
        quotedID = AccessLogFormat.quoted(declaration.id)
        realm = Self.realm(declaration.id)
        captures = CaptureNames(MatchDeclaration())
        pathEdits = PathEdits()
        requestEdits = HeaderEdits()
        responseEdits = HeaderEdits()
        requestBodyBytesMax = 65_536
        gates = []
        crossOrigin = nil
        transportLine = []
        hasFilters = false
        upgrades = []
        action = .local(service)
    }

    /// The claims that limits of the route count by.
    private static func claims(_ declaration: RouteDeclaration) -> [String] {
        var paths: [String] = []
        for filter in declaration.filters {
            let key: [LimitKeyDeclaration]
            switch filter {
            case .rateLimit(let limit): key = limit.key
            case .concurrencyLimit(let limit): key = limit.key
            default: continue
            }
            for case .claim(let path) in key where !paths.contains(path) { paths.append(path) }
        }
        return paths
    }

    private static func realm(_ id: String) -> [UInt8] {
        id.utf8.filter { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }.prefix(256).map { $0 }
    }

    /// Octets that the set headers of one direction may add to a head, so that a head always fits a buffer.
    static let editBytesMax = 16_384

    private static func action(
        _ declaration: RouteDeclaration, _ captures: CaptureNames, _ upstreams: [String: Int]
    ) throws(ShardTableError) -> Action {
        func index(_ id: String) throws(ShardTableError) -> Int {
            guard let index = upstreams[id] else {
                throw ShardTableError(message: "route '\(declaration.id)': there is no upstream '\(id)'")
            }
            return index
        }
        switch declaration.action {
        case .forward(let upstream):
            return .forward(try index(upstream))
        case .split(let targets):
            var indices: [Int] = []
            for target in targets { indices.append(try index(target.upstream)) }
            return .split(indices, SplitDraw(weights: targets.map(\.weight)))
        case .redirect(let redirect):
            do {
                let template = try PathTemplate(redirect.location, use: .location, captures: captures)
                return .redirect(template, status: redirect.status, keepsQuery: redirect.keepQuery)
            } catch {
                throw ShardTableError(message: "route '\(declaration.id)': redirect: \(error)")
            }
        case .respond(let respond):
            return .respond(fixed(respond))
        }
    }

    private static func fixed(_ respond: RespondDeclaration) -> FixedAnswer {
        var lines = ""
        let hasType = respond.headers.contains { $0.name.lowercased() == "content-type" }
        if !respond.body.isEmpty, !hasType { lines += "Content-Type: \(respond.contentType)\r\n" }
        for header in respond.headers { lines += "\(header.name): \(header.value)\r\n" }
        return FixedAnswer(status: respond.status, body: Array(respond.body.utf8), lines: Array(lines.utf8))
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
