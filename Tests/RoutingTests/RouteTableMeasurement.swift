import Declarations
import Foundation
import HTTPModel
import Routing
import Testing

/// Prints how long a match takes, for tables of ten to ten thousand routes. Runs only when asked, and is worth reading only in release:
/// `MARTLET_MEASURE=1 swift test -c release --filter RouteTableMeasurement`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["MARTLET_MEASURE"] != nil), .serialized)
struct RouteTableMeasurement {
    private struct Request {
        var host: [UInt8]
        var path: [UInt8]
    }

    private static let resources = [
        "customers", "products", "orders", "payments", "carts", "reviews", "shipments", "invoices",
    ]

    /// A quarter each of tails, captures, captures in the middle and exact paths; one in three names methods.
    private func table(_ count: Int, hosts: Bool) -> ([RouteDeclaration], [Request]) {
        var routes: [RouteDeclaration] = []
        var requests: [Request] = []
        for number in 0..<count {
            let base = "/api/team-\(number / 8 % 50)/v\(number / 400)/\(Self.resources[number % 8])"
            let forms = [
                ("/**", "/4711/items/3"), ("/{id}", "/0190b9e2-7c"), ("/{id}/items/*", "/4711/items/99"), ("", ""),
            ]
            let form = forms[number % 4]
            let isSuffix = number % 5 == 0
            let domain = "shop-\(number % 100).example.com"
            routes.append(
                route(
                    "route-\(number)", base + form.0, hosts: hosts ? [(isSuffix ? "*." : "api.") + domain] : [],
                    methods: number % 3 == 0 ? ["GET", "HEAD"] : []))
            let host = (isSuffix ? "eu." : "api.") + domain
            requests.append(Request(host: Array(host.utf8), path: Array((base + form.1).utf8)))
        }
        return (routes, requests)
    }

    @Test(arguments: [10, 100, 1_000, 10_000], [false, true])
    func `nanoseconds of a match`(count: Int, hosts: Bool) throws {
        let (routes, requests) = table(count, hosts: hosts)
        let clock = ContinuousClock()
        var compiled: RouteTable?
        let building = try clock.measure { compiled = try RouteTable(routes) }
        let table = try #require(compiled)
        for busy in [min(count, 256), count] {
            // Traffic keeps to some of the routes, or is spread over all of them.
            let drawn = (0..<busy).map { _ in Int.random(in: 0..<count) }
            let order = (0..<65_536).map { _ in drawn[Int.random(in: 0..<busy)] }
            let best = (0..<7).map { _ in clock.measure { ask(table, requests, order) } }.min() ?? .zero
            let nanoseconds = Double((best / order.count).components.attoseconds) / 1e9
            let kind = hosts ? "with hosts" : "without hosts"
            print("\(count) routes \(kind), \(busy) of them asked: \(Int(nanoseconds)) ns; built in \(building)")
        }
    }

    private func ask(_ table: RouteTable, _ requests: [Request], _ order: [Int]) {
        var captures = PathCaptures()
        let fields = FieldTable(limit: 100)
        let nothing: [UInt8] = []
        let token = Array("GET".utf8)
        var found = 0
        for index in order {
            let request = requests[index]
            let match = table.match(
                method: .get, methodToken: token.span, host: request.host.span, path: request.path.span,
                query: nothing.span, fields: fields, head: nothing.span, captures: &captures)
            if match == .route(index: index) { found += 1 }
        }
        #expect(found == order.count)
    }
}
