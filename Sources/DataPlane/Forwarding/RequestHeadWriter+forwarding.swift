internal import Filters
internal import HTTPModel
internal import Kernel

// X-Forwarded-*, Forwarded (RFC 7239), X-Request-Id and Via. From a trusted peer what came is kept and added to; from a stranger
// it is replaced, because a stranger can write anything.
extension RequestHeadWriter {
    func forwardingFields(
        _ head: borrowing RequestHead, _ bytes: Span<UInt8>, _ requestID: Span<UInt8>, into out: inout ByteBuffer
    ) {
        if !edits.govern(.forwardedFor) {
            out.append("X-Forwarded-For: ")
            received(.forwardedFor, head, bytes, into: &out)
            out.append(identity.peer)
            out.append("\r\n")
        }
        if !edits.govern(.forwardedProto) {
            out.append("X-Forwarded-Proto: ")
            if !receivedAlone(.forwardedProto, head, bytes, into: &out) {
                out.append(identity.isSecure ? "https" : "http")
            }
            out.append("\r\n")
        }
        if !edits.govern(.forwardedHost), !head.authority.isEmpty {
            out.append("X-Forwarded-Host: ")
            if !receivedAlone(.forwardedHost, head, bytes, into: &out) {
                out.append(bytes.extracting(head.authority.indices))
            }
            out.append("\r\n")
        }
        if !edits.govern(.forwardedPort) {
            out.append("X-Forwarded-Port: ")
            if !receivedAlone(.forwardedPort, head, bytes, into: &out) { out.append(identity.listenerPort) }
            out.append("\r\n")
        }
        if !edits.govern(.forwarded) { forwarded(head, bytes, into: &out) }
        if !edits.govern(.requestID) {
            out.append("X-Request-Id: ")
            out.append(requestID)
            out.append("\r\n")
        }
        if !identity.certificateLines.isEmpty { out.append(identity.certificateLines) }
        if !edits.govern(.via) {
            out.append(head.version == .http11 ? "Via: 1.1 martlet\r\n" : "Via: 1.0 martlet\r\n")
        }
    }

    /// RFC 7239 §4: `for`, `host` and `proto` of the hop that reached us.
    private func forwarded(_ head: borrowing RequestHead, _ bytes: Span<UInt8>, into out: inout ByteBuffer) {
        out.append("Forwarded: ")
        received(.forwarded, head, bytes, into: &out)
        out.append("for=")
        if identity.isIPv6 { out.append("\"[") }
        out.append(identity.peer)
        if identity.isIPv6 { out.append("]\"") }
        if !head.authority.isEmpty {
            out.append(";host=\"")
            out.append(bytes.extracting(head.authority.indices))
            out.append("\"")
        }
        out.append(identity.isSecure ? ";proto=https\r\n" : ";proto=http\r\n")
    }

    /// What trusted peers wrote so far, all lines joined, with a comma behind it.
    private func received(
        _ field: KnownField, _ head: borrowing RequestHead, _ bytes: Span<UInt8>, into out: inout ByteBuffer
    ) {
        guard identity.isTrusted else { return }
        for entry in head.fields.entries where entry.known == field && !entry.value.isEmpty {
            out.append(bytes.extracting(entry.value.indices))
            out.append(", ")
        }
    }

    /// The value a trusted peer gave, if it gave just one.
    private func receivedAlone(
        _ field: KnownField, _ head: borrowing RequestHead, _ bytes: Span<UInt8>, into out: inout ByteBuffer
    ) -> Bool {
        guard identity.isTrusted else { return false }
        var found: ByteRange?
        for entry in head.fields.entries where entry.known == field && !entry.value.isEmpty {
            if found != nil { return false }
            found = entry.value
        }
        guard let found else { return false }
        out.append(bytes.extracting(found.indices))
        return true
    }
}
