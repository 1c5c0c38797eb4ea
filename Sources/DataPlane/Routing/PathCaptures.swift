public import HTTPModel

/// What the winning route's path pattern captured, as ranges of the matched path; reused from match to match.
///
/// A slot is a number fixed when the route was compiled: slot 0 is the tail of `/**`, the others are the route's capture names in
/// the order of `CaptureNames`. The storage is allocated once, so a shard keeps one of these and lends it to each match.
public struct PathCaptures: ~Copyable {
    /// The slot of the tail.
    public static let tailSlot = 0

    /// Valid until the next match.
    var ranges: [ByteRange]
    /// The path's leading segments, as far as any pattern of the table could look.
    var segments: [SegmentMark]
    /// Room for a percent-decoded query value.
    var decoded: [UInt8] = []
    /// Patterns that reached a limit of work in the last match, and were taken as not matching.
    public internal(set) var patternsGaveUp = 0

    /// Reserves all storage.
    public init() {
        ranges = [ByteRange](repeating: ByteRange(), count: RouteLimits.capturesMax + 1)
        segments = [SegmentMark](repeating: SegmentMark(), count: RouteLimits.segmentsMax + 1)
    }

    /// Where the slot's text lies in the path of the last match that found a route; empty when its pattern has no such capture.
    public func range(slot: Int) -> ByteRange {
        ranges[slot]
    }
}

/// A segment of the path that is being matched.
struct SegmentMark {
    var start: UInt32 = 0
    var end: UInt32 = 0
    var hash: UInt32 = 0
}
