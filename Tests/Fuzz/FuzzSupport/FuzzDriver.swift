import CFuzzer
import Glibc
import Kernel

/// The way from a fuzz target's main to libFuzzer and back.
public enum FuzzDriver {
    /// Hands the command line to libFuzzer, which calls `test` until it is told to stop.
    public static func run(_ test: @escaping @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt) -> Never {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(LLVMFuzzerRunDriver(&count, &arguments, test))
    }

    /// The input as an array, so that the checks are written like any test.
    public static func bytes(_ base: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
        Array(UnsafeBufferPointer(start: base, count: count))
    }
}

/// Ends the process, which libFuzzer reports with the input that led here.
public func check(_ isTrue: Bool, _ message: @autoclosure () -> String) {
    if !isTrue { fatalError("broken: \(message())") }
}

/// Where to cut an input of so many bytes: everywhere when it is short, else near its ends and here and there.
public func cuts(_ count: Int) -> [Int] {
    guard count > 48 else { return Array(0..<count) }
    return Array(0..<8) + Array(stride(from: 8, to: count - 12, by: max(1, count / 24))) + Array((count - 12)..<count)
}

/// The bytes that wait in a buffer.
public func contents(of buffer: borrowing ByteBuffer) -> [UInt8] {
    let span = buffer.readable
    return span.indices.map { span[$0] }
}
