/// An object that its owner is done with, on its way to a thread that has the time to free it.
///
/// Freeing a table of ten thousand routes takes two milliseconds, in which a shard would serve nobody.
public final class Retired: @unchecked Sendable {
    // Never read: all that ever happens to it is a release, and releases are atomic. What the object shares with its former owner
    // lives on there, by references that are counted atomically too.
    private let object: AnyObject

    /// The caller gives its own reference up.
    public init(_ object: AnyObject) {
        self.object = object
    }
}
