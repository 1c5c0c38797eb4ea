/// The bounds of a compiled table. They concern what an operator writes; what a stranger sends is bounded by the wire's limits.
public enum RouteLimits {
    /// Segments of a path pattern. A request's further segments are never looked at one by one: only a tail can cover them.
    public static let segmentsMax = 128
    /// Different capture names of a route, over all its paths.
    public static let capturesMax = 32
    /// Predicates of a route over fields and parameters.
    public static let predicatesMax = 1_000
    /// Different extension methods in a table: a set of methods is one 64-bit word, less the standard ones and one for "unknown".
    public static let extensionMethodsMax = 63 - MethodSet.standardCount
    /// Routes times their hosts times their paths: a table of a million entries takes about 100 MiB per shard.
    public static let candidatesMax = 1 << 20
    /// Octets of a host name (RFC 1035 §2.3.4); a longer one can only take routes without a host.
    public static let hostBytesMax = 255
}
