internal import CCurl
internal import Kernel

/// What libcurl is to be told of a request's URL, after checks that it does not make itself.
///
/// libcurl takes the name for SNI and the certificate from the URL's host. For another name the host is replaced, the `Host` field
/// keeps the old one, and the connection goes where the old one leads.
@safe
struct RequestTarget {
    private(set) var url: String
    /// A `Host` field to send; `nil`: the library's own.
    private(set) var hostField: String?
    /// `host:port` to connect to; `nil`: as the URL says.
    private(set) var destination: String?

    init(_ request: FetchRequest) throws(FetchError) {
        try Self.checkTexts(request)
        url = request.url
        destination = request.address?.text
        guard let parsed = unsafe curl_url() else { throw FetchError(.outOfResources, "no memory for a URL") }
        // Freed on every way out of this function, and used nowhere else.
        defer { unsafe curl_url_cleanup(parsed) }
        let flags = UInt32(CURLU_PATH_AS_IS)
        guard unsafe curl_url_set(parsed, CURLUPART_URL, request.url, flags) == CURLUE_OK,
            let scheme = unsafe Self.part(parsed, CURLUPART_SCHEME),
            let host = unsafe Self.part(parsed, CURLUPART_HOST)
        else { throw FetchError(.invalidRequest, "not a valid URL") }
        guard scheme == "http" || scheme == "https" else {
            throw FetchError(.invalidRequest, "the scheme '\(scheme)' is neither http nor https")
        }
        guard let name = request.tls.serverName, scheme == "https", name != host else { return }
        let port = unsafe Self.part(parsed, CURLUPART_PORT)
        hostField = port.map { "\(host):\($0)" } ?? host
        if destination == nil { destination = "\(host):\(port ?? "443")" }
        let written = SocketAddress(literal: name, port: 0)?.isIPv4 == false ? "[\(name)]" : name
        guard unsafe curl_url_set(parsed, CURLUPART_HOST, written, 0) == CURLUE_OK,
            let renamed = unsafe Self.part(parsed, CURLUPART_URL)
        else { throw FetchError(.invalidRequest, "'\(name)' is no name of a server") }
        url = renamed
    }

    /// Nothing in a request may end a line, or a text of C.
    private static func checkTexts(_ request: FetchRequest) throws(FetchError) {
        guard request.url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw FetchError(.invalidRequest, "white space or a control character in the URL")
        }
        guard !request.method.isEmpty, request.method.utf8.allSatisfy(isTokenByte) else {
            throw FetchError(.invalidRequest, "the method is not a token")
        }
        for field in request.fields {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy(isTokenByte) else {
                throw FetchError(.invalidRequest, "a field's name is not a token")
            }
            guard field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw FetchError(.invalidRequest, "a control character in the value of '\(field.name)'")
            }
        }
        guard request.tls.serverName?.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) ?? true else {
            throw FetchError(.invalidRequest, "white space or a control character in the server's name")
        }
    }

    /// RFC 9110 §5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C,
            0x7E:
            true
        default: false
        }
    }

    /// A part of a parsed URL, or `nil` when it has none.
    private static func part(_ parsed: OpaquePointer, _ which: CURLUPart) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe curl_url_get(parsed, which, &text, 0) == CURLUE_OK, let found = unsafe text else { return nil }
        // The library gives the text to us, ended by a zero.
        defer { unsafe curl_free(found) }
        return unsafe String(cString: found)
    }
}
