internal import Kernel
internal import Telemetry

extension ProcessFigures {
    /// The figures of this process now. Blocks for a moment: `/proc` is read.
    static func current(startMilliseconds: Int64) -> ProcessFigures {
        ProcessFigures(
            processorNanoseconds: ProcessStatus.processorNanoseconds(), residentBytes: UInt64(residentBytes()),
            openDescriptors: UInt64(ProcessStatus.openDescriptors()),
            descriptorsMax: UInt64(ProcessStatus.descriptorsMax()), startMilliseconds: UInt64(max(0, startMilliseconds))
        )
    }

    /// 0 when `/proc` does not tell.
    private static func residentBytes() -> Int {
        guard let text = try? FileBytes.read(path: "/proc/self/statm", limit: 4_096) else { return 0 }
        return residentPages(text) * ProcessStatus.pageBytes()
    }

    /// The second number of `statm` (proc(5)).
    static func residentPages(_ statm: [UInt8]) -> Int {
        let numbers = statm.split(separator: 0x20)
        guard numbers.count > 1 else { return 0 }
        return Int(String(decoding: numbers[1], as: UTF8.self)) ?? 0
    }
}
