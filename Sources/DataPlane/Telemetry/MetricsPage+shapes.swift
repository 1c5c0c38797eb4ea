internal import Kernel

// The shapes that several families share.
extension MetricsPage {
    /// One sample for each side; the upstream word follows the downstream word.
    mutating func sides(_ name: StaticString, _ snapshot: MetricsSnapshot, _ downstreamWord: Int) {
        sample(name, Self.label("side", value: "downstream"), snapshot.shardSum(downstreamWord))
        sample(name, Self.label("side", value: "upstream"), snapshot.shardSum(downstreamWord + 1))
    }

    /// A gauge that is kept as a sum of differences; a reading between two shards' changes may be below zero and is
    /// shown as zero.
    mutating func gauge(
        _ name: StaticString, _ series: MetricsSeries, _ label: StaticString, _ value: StaticString, _ word: Int
    ) {
        let level = Int64(bitPattern: series.sum(word))
        sample(name, series.label, label, value, UInt64(max(0, level)))
    }

    /// All status classes, those at zero too: a rate begins with the second sample of a series, and would miss the
    /// first failures if their series began with them.
    mutating func statusClasses(_ name: StaticString, _ all: [MetricsSeries], at first: Int) {
        for series in all {
            for index in 1...StatusClass.count {
                // Class 0 ("none") sorts behind the others.
                let place = index % StatusClass.count
                sample(name, series.label, "code", StatusClass.label(place), series.sum(first + place))
            }
        }
    }

    /// The histograms of all series. Written by hand, as these lines are nearly the whole page.
    mutating func histograms(_ name: StaticString, _ all: [MetricsSeries], at first: Int) {
        let ends = Self.bucketEnds
        var head: [UInt8] = []
        for series in all {
            head.removeAll(keepingCapacity: true)
            name.withSpan { text in for index in text.indices { head.append(text[index]) } }
            let nameCount = head.count
            head.append(contentsOf: Array("_bucket{".utf8))
            head.append(contentsOf: series.label)
            head.append(contentsOf: Array(",le=\"".utf8))
            var cumulative: UInt64 = 0
            for bucket in 0..<LatencyHistogram.bucketCount {
                cumulative &+= series.sum(first + bucket)
                append(head)
                append(ends[bucket])
                append(decimal: cumulative)
                append("\n")
            }
            head.removeSubrange(nameCount...)
            append(head)
            append("_sum{")
            append(series.label)
            append("} ")
            append(series.sum(first + LatencyHistogram.sumWord), dividedBy: 1_000_000_000)
            append("\n")
            append(head)
            append("_count{")
            append(series.label)
            append("} ")
            append(decimal: cumulative)
            append("\n")
        }
    }

    /// What follows `le="` on each bucket's line, up to the value.
    private static let bucketEnds: [[UInt8]] = (0..<LatencyHistogram.bucketCount).map { bucket in
        var end = MetricsPage(reserving: 16)
        if let bound = LatencyHistogram.boundMicroseconds(bucket) {
            end.append(bound, dividedBy: 1_000_000)
        } else {
            end.append("+Inf")
        }
        end.append("\"} ")
        return end.bytes
    }
}
