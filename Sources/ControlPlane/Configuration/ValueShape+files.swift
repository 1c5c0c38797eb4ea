extension ValueShape<String> {
    /// Octets of a path, as the kernel takes it, without the NUL at its end.
    private static let pathBytesMax = 4_095

    /// The name of a file that is read later.
    /// - Parameter what: what is in it, such as `the certificate (PEM)`.
    static func file(_ what: String) -> ValueShape<String> {
        let expected = "the file of \(what), relative to the folder of this file"
        return text(pattern: "^[^\\n]+$", expected) { content, node, reading in
            let path = String(decoding: content, as: UTF8.self)
            if let problem = problem(in: content) {
                reading.error("bad-file", at: node, problem, expected: expected)
                return nil
            }
            let place = reading.document.nodes[node]
            reading.files.append(FileReference(path: path, line: Int(place.line), column: Int(place.column)))
            return path
        }
    }

    private static func problem(in path: ArraySlice<UInt8>) -> String? {
        if path.isEmpty { return "the name of the file is empty" }
        if path.starts(with: "-----BEGIN".utf8) { return "this is what belongs into the file, not its name" }
        if path.count > pathBytesMax {
            return "the name of the file has \(path.count) octets, more than \(pathBytesMax)"
        }
        if path.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            return "the name of a file cannot hold a line break or another control character"
        }
        return path.last == UInt8(ascii: "/") ? "this is the name of a folder" : nil
    }
}
