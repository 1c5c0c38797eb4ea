import Declarations
import HTTPModel
import Routing
import Testing

@Suite struct RouteTableTests {
    @Test func `a table without routes finds none`() throws {
        #expect(try Probe([]).match("GET", "a.example", "/") == .notFound)
    }
}
