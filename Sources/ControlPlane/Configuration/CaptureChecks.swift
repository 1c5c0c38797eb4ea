internal import Declarations
internal import Routing

/// An upstream may hash a capture: then each route that leads there must have it on every path.
struct CaptureChecks {
    let draft: FileDraft
    let reading: FileReading

    func run() {
        var wanted: [String: String] = [:]
        for upstream in draft.upstreams {
            if case .capture(let name) = upstream.value.hashKey { wanted[upstream.value.id] = name }
        }
        guard !wanted.isEmpty else { return }
        // The references stand in the order of the routes, those of one route side by side.
        var route = 0
        for reference in reading.upstreamReferences {
            while route < draft.routes.count, reading.document.nodes[draft.routes[route].node].end <= reference.node {
                route += 1
            }
            // A path that could not be read may be the one that has the capture.
            guard route < draft.routes.count, draft.routes[route].node <= reference.node,
                draft.routes[route].value.isSound, let name = wanted[reference.value]
            else { continue }
            check(draft.routes[route].value, name, reference)
        }
    }

    private func check(_ route: RouteDraft, _ name: String, _ reference: Located<String>) {
        let captures = CaptureNames(route.match.declaration)
        guard !captures.everywhere.contains(name) else { return }
        let known = captures.names.filter(captures.everywhere.contains)
        reading.error(
            "unknown-capture", at: reference.node,
            "the upstream `\(reference.value)` hashes the capture `\(name)`, "
                + "which not every path of this route has",
            expected: known.isEmpty
                ? "a path that captures it, such as /items/{\(name)}; or another `hash`"
                : "a `hash` over \(known.map { "`\($0)`" }.joined(separator: ", ")), or a path with `{\(name)}`")
    }
}
