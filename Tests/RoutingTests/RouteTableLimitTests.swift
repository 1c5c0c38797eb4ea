import Declarations
import Patterns
import Routing
import Testing

@Suite struct RouteTableLimitTests {
    private func reason(_ routes: RouteDeclaration...) -> RouteTableError.Reason? {
        do throws(RouteTableError) {
            _ = try RouteTable(routes)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `faults are told with their route`() {
        var second = route("b", "~(")
        second.line = 7
        do throws(RouteTableError) {
            _ = try RouteTable([route("a"), second])
            Issue.record("compiled")
        } catch {
            #expect(error.routeIndex == 1)
            #expect(error.routeID == "b")
            #expect(error.line == 7)
            #expect(error.description.contains("`(`"))
        }
    }

    @Test func `what a table cannot hold is refused`() {
        #expect(reason(route("a"), route("a")) == .duplicateID)
        #expect(reason(route("a", hosts: ["*"])) == .badHost("*"))
        #expect(reason(route("a", hosts: ["*.*.io"])) == .badHost("*.*.io"))
        #expect(reason(route("a", hosts: [""])) == .badHost(""))
        #expect(reason(route("a", "/{x}/{x}")) == .duplicateCapture(name: "x", path: "/{x}/{x}"))
        let deep = String(repeating: "/a", count: RouteLimits.segmentsMax + 1)
        #expect(reason(route("a", deep)) == .tooManySegments(path: deep))
        let wide = (0...RouteLimits.capturesMax).map { "/{c\($0)}" }.joined()
        #expect(reason(route("a", wide)) == .tooManyCaptures)
        let methods = (0...RouteLimits.extensionMethodsMax).map { "M\($0)" }
        #expect(reason(route("a", methods: methods)) == .tooManyMethods)
        #expect(reason(route("a", methods: methods.dropLast())) == nil)
    }

    @Test func `a pattern of the greatest depth works, and deeper requests take tails only`() throws {
        let deep = String(repeating: "/a", count: RouteLimits.segmentsMax)
        let probe = try Probe([route("deep", deep), route("tail", "/a/**"), route("deep-tail", deep + "/**")])
        #expect(probe.match("GET", "h", deep) == .route("deep"))
        #expect(probe.match("GET", "h", deep + "/a") == .route("deep-tail"))
        #expect(probe.match("GET", "h", String(deep.dropLast(2))) == .route("tail"))
        let hostile = String(repeating: "/a", count: 100_000)
        #expect(probe.match("GET", "h", hostile) == .route("deep-tail"))
        #expect(probe.match("GET", "h", String(repeating: "/", count: 100_000)) == .notFound)
    }

    @Test func `every way through a bushy trie is tried, once`() throws {
        // All patterns of literals and wildcards over one path: the walk must find the only one whose predicates hold.
        let depth = 10
        let never = FieldPredicateDeclaration(name: "never", condition: .present)
        let routes = (0..<(1 << depth)).map { bits in
            let path = (0..<depth).map { bits & (1 << $0) != 0 ? "/a" : "/*" }.joined()
            return route("r\(bits)", path, headers: bits == 0 ? [] : [never])
        }
        let probe = try Probe(routes)
        let path = String(repeating: "/a", count: depth)
        #expect(probe.match("GET", "h", path) == .route("r0"))
        #expect(probe.match("GET", "h", path, headers: [("never", "")]) == .route("r\((1 << depth) - 1)"))
    }

    @Test func `long hosts and many labels cost nothing and match nothing by mistake`() throws {
        let probe = try Probe([route("wild", hosts: ["*.a.io"]), route("any")])
        let labels = String(repeating: "x.", count: 120)
        #expect(probe.match("GET", labels + "a.io", "/") == .route("wild"))
        #expect(probe.match("GET", String(repeating: "x.", count: 5_000) + "a.io", "/") == .route("any"))
        #expect(probe.match("GET", String(repeating: ".", count: 255), "/") == .route("any"))
    }

    @Test func `an expression that gives up is counted and does not match`() throws {
        let probe = try Probe([route("bad", "~/(a+)+"), route("any")])
        let path = "/" + String(repeating: "a", count: 60) + "!"
        #expect(probe.match("GET", "h", path) == .route("any"))
        #expect(probe.patternsGaveUp == 1)
        let outcomes = probe.explain("GET", "h", path).entries.map(\.outcome)
        #expect(outcomes == [.fails(.pathGaveUp), .wins])
        #expect(probe.match("GET", "h", "/x") == .route("any"))
        #expect(probe.patternsGaveUp == 0)
    }
}
