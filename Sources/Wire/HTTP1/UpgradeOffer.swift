internal import HTTPModel
internal import Kernel

/// What the `Upgrade` lines of one head offer (RFC 9110 §7.8).
struct UpgradeOffer {
    private var count = 0
    private var protocolName = ByteRange()

    /// Reads one line.
    mutating func read(_ value: ByteRange, in bytes: Span<UInt8>) {
        var walker = ListWalker(value)
        while let element = walker.element(in: bytes) {
            count &+= 1
            protocolName = element
        }
    }

    /// The one protocol offered, when `Connection` names the field as it must; empty otherwise. Of several nobody could tell which
    /// one the other side means.
    func granted(by tokens: [ByteRange], in bytes: Span<UInt8>) -> ByteRange {
        guard count == 1 else { return ByteRange() }
        for token in tokens where ByteSearch.equalIgnoringCase(bytes.extracting(token.indices), "upgrade") {
            return protocolName
        }
        return ByteRange()
    }
}
