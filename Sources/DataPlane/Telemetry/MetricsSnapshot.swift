internal import Kernel

/// One labelled series and the blocks, one per shard that used it, that it is the sum of.
struct MetricsSeries: Sendable {
    /// The name as the operator wrote it.
    let name: String
    /// `label="name"`, escaped.
    let label: [UInt8]
    let blocks: [CounterBlock]

    /// The sum of a word over the shards.
    func sum(_ word: Int) -> UInt64 {
        var total: UInt64 = 0
        for block in blocks { total &+= block[word] }
        return total
    }
}

/// References to everything that is counted, sorted for printing. The counters themselves are read while printing.
struct MetricsSnapshot: Sendable {
    let routes: [MetricsSeries]
    let upstreams: [MetricsSeries]
    let listeners: [MetricsSeries]
    let routesFolded: UInt64
    let upstreamsFolded: UInt64
    let shards: [CounterBlock]
    let reporting: CounterBlock
    let configuration: MetricsRegistry.ConfigurationFigures
    let certificates: [CertificateFigure]

    /// The sum of a word over the shards.
    func shardSum(_ word: Int) -> UInt64 {
        var total: UInt64 = 0
        for block in shards { total &+= block[word] }
        return total
    }
}

extension BlockFamily.Contents {
    /// The series that some shard has used, in the order of their names.
    func series(label: StaticString) -> [MetricsSeries] {
        var series: [MetricsSeries] = []
        series.reserveCapacity(names.count)
        for index in names.indices {
            let used = blocks.compactMap { row in index < row.count ? row[index] : nil }
            guard !used.isEmpty else { continue }
            series.append(
                MetricsSeries(
                    name: names[index], label: MetricsPage.label(label, value: names[index]), blocks: used))
        }
        series.sort { $0.name < $1.name }
        return series
    }
}
