internal import COpenSSL

/// Keys that seal session tickets: the current one, and previous ones that still open what they sealed.
///
/// A plain value. All shards (and all machines that share clients) get the same ring. How often it turns is the owner's decision; a
/// ticket can be used for as long as its key is in the ring.
public struct TicketKeyRing: Sendable {
    /// Octets of randomness in one key: 16 for its public name, 32 for AES-256-CBC, 32 for HMAC-SHA256.
    public static let keyBytes = 80
    /// Keys in a ring.
    public static let keysMax = 8

    /// The newest first, each of `keyBytes`.
    let keys: [SecretBytes]

    /// A ring with one key, from `keyBytes` random octets.
    public init(key: [UInt8]) {
        precondition(key.count == Self.keyBytes)
        keys = [SecretBytes(key)]
    }

    private init(keys: [SecretBytes]) {
        self.keys = keys
    }

    /// The ring after a turn: `key` seals from now on, and up to `previous` of those before it still open tickets.
    public func turned(to key: [UInt8], keeping previous: Int = 1) -> TicketKeyRing {
        precondition(key.count == Self.keyBytes && previous >= 0)
        return TicketKeyRing(keys: [SecretBytes(key)] + keys.prefix(min(previous, Self.keysMax - 1)))
    }

    /// Randomness for one key, from OpenSSL's generator for secrets. Traps when there is none.
    public static func generateKey() -> [UInt8] {
        var key = [UInt8](repeating: 0, count: keyBytes)
        // The array has as many octets as the call is told.
        let done = unsafe RAND_priv_bytes(&key, Int32(keyBytes))
        precondition(done == 1, "no randomness")
        return key
    }

    /// A ring with one new key.
    public static func generate() -> TicketKeyRing {
        TicketKeyRing(key: generateKey())
    }
}

/// The ring as a context holds it: octets of its own, wiped when they go, and not shared with other shards.
@safe
final class TicketKeyStore {
    // `count` keys of CO_TICKET_KEY octets each, made in `init` and freed in `deinit`.
    private let octets: UnsafeMutablePointer<UInt8>
    private let count: Int

    init(_ ring: TicketKeyRing) {
        count = ring.keys.count
        let size = Int(CO_TICKET_KEY)
        unsafe octets = .allocate(capacity: count * size)
        for (index, key) in ring.keys.enumerated() {
            // Each key has exactly `size` octets, as its ring has checked.
            for place in 0..<size { unsafe octets[index * size + place] = key.octets[place] }
        }
    }

    deinit {
        unsafe OPENSSL_cleanse(octets, count * Int(CO_TICKET_KEY))
        unsafe octets.deallocate()
    }

    /// The key that seals.
    var current: UnsafePointer<UInt8> { unsafe UnsafePointer(octets) }

    /// The key with this name, of 16 octets, and its place in the ring; nil when it is gone.
    func find(_ name: UnsafePointer<UInt8>) -> (key: UnsafePointer<UInt8>, index: Int)? {
        for index in 0..<count {
            let key = unsafe UnsafePointer(octets) + index * Int(CO_TICKET_KEY)
            // Names are public: no need to compare them in constant time.
            var same = true
            for place in 0..<Int(CO_TICKET_NAME) where unsafe key[place] != name[place] { same = false }
            if same { return unsafe (key, index) }
        }
        return nil
    }
}
