/// Parses what a proxy in front of us sends ahead of a client's bytes: the PROXY protocol, versions 1 (text) and 2 (binary), of
/// HAProxy's `doc/proxy-protocol.txt`.
///
/// The parser keeps nothing between calls: as long as the outcome is `incomplete`, it is given the same bytes again with more
/// behind them. A prefix that no continuation can make a header fails at once, with one exception: a wrong checksum shows only
/// when the header is whole.
public enum ProxyHeaderParser {
    /// Bytes of the longest header that is accepted, of either version. Senders' own headers have at most some hundred bytes; the
    /// rest is room for what they add about TLS.
    public static let bytesMax = 4_096

    /// Looks for a header at the start of `bytes`; never reads further than `bytesMax`.
    public static func parse(_ bytes: Span<UInt8>) -> ProxyHeaderOutcome {
        do throws(HeaderStop) {
            guard !bytes.isEmpty else { return .incomplete }
            return bytes[0] == 0x0D ? try BinaryHeader.read(bytes) : try TextHeader.read(bytes)
        } catch .incomplete {
            return .incomplete
        } catch {
            return .failed
        }
    }
}
