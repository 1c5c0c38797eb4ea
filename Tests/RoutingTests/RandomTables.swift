import Declarations

/// A generator whose whole run follows from its seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Small alphabets, so that routes and requests meet often.
struct RandomTables {
    var generator: SeededGenerator
    private let segments = ["a", "b", "long-segment", "eightchr", ""]
    private let hosts = ["x.io", "a.x.io", "b.a.x.io", "*.x.io", "*.a.x.io", "*.io", "y.org"]
    private let methods = ["GET", "HEAD", "POST", "PUT", "DELETE"]

    mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &generator) < percent
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &generator)]
    }

    mutating func path(_ count: Int) -> String {
        (0..<count).reduce(into: "") { text, _ in text += "/" + pick(segments) }
    }

    mutating func pathPattern() -> PathPatternDeclaration {
        if chance(12) { return .regex(path(Int.random(in: 1...2, using: &generator)) + (chance(60) ? ".*" : "")) }
        let tail = chance(30)
        var text = ""
        for index in 0..<Int.random(in: tail ? 0...3 : 1...4, using: &generator) {
            text += "/" + (chance(55) ? pick(segments) : chance(50) ? "*" : "{c\(index)}")
        }
        return pattern(tail ? text + "/**" : text)
    }

    mutating func predicate() -> FieldPredicateDeclaration {
        let condition = pick([FieldConditionDeclaration.present, .absent, .equal("a"), .equal("b"), .regex("[ab]")])
        return FieldPredicateDeclaration(name: pick(["n", "m"]), condition: condition)
    }

    mutating func table() -> [RouteDeclaration] {
        (0..<Int.random(in: 1...25, using: &generator)).map { number in
            var declaration = route("r\(number)")
            if chance(15) { declaration.priority = Int.random(in: -2...2, using: &generator) }
            if chance(50) { declaration.match.hosts = (0..<(chance(80) ? 1 : 2)).map { _ in pick(hosts) } }
            if chance(92) { declaration.match.paths = (0..<(chance(80) ? 1 : 2)).map { _ in pathPattern() } }
            if chance(30) { declaration.match.methods = Array(Set((0..<2).map { _ in pick(methods) })).sorted() }
            if chance(20) { declaration.match.headers = (0..<(chance(70) ? 1 : 2)).map { _ in predicate() } }
            if chance(20) { declaration.match.query = [predicate()] }
            return declaration
        }
    }

    mutating func request() -> ReferenceMatcher.Request {
        var request = ReferenceMatcher.Request(
            method: chance(60) ? "GET" : pick(methods),
            host: pick(["x.io", "a.x.io", "b.a.x.io", "c.b.a.x.io", "X.Io", "y.org", "none", "io", "c.x.io", ""]),
            path: path(Int.random(in: 1...5, using: &generator)))
        while chance(35) { request.headers.append((pick(["n", "m"]), pick(["a", "b", "c", ""]))) }
        while chance(35) { request.query.append((pick(["n", "m"]), pick(["a", "b", "c", ""]))) }
        return request
    }
}
