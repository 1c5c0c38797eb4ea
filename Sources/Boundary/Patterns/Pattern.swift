internal import CPCRE2

/// A regular expression, compiled to machine code once and matched with bounded work (PCRE2, 8 bit).
///
/// Expressions speak of bytes: `.` is one byte, `$` is the very end, and there is no Unicode mode. Matching allocates nothing.
/// The compiled code is immutable, but the result of the last match is kept inside (`group(_:)`), so a pattern belongs to one
/// owner and is not `Sendable`; what travels between threads is its source, and each shard compiles its own.
@safe
public final class Pattern {
    /// The expression as given.
    public let source: String
    /// Where it must match.
    public let scope: PatternScope
    /// Named groups with their numbers, in the order of the numbers.
    public let groupNames: [(name: String, number: Int)]
    /// Groups in the expression; group 0, the whole match, is not counted.
    public let groupCount: Int

    // All four are created in `init`, never nil, never replaced, and freed in `deinit`; only this object uses them.
    private let code: OpaquePointer
    private let context: OpaquePointer
    private let result: OpaquePointer
    /// Pairs of offsets inside `result`: `2 * (groupCount + 1)` integers, valid as long as `result`.
    private let offsets: UnsafeMutablePointer<Int>
    /// True when a match can start at one place only, so one allowance of steps bounds the whole work.
    private let startsOnce: Bool
    private var lastVerdict = PatternVerdict.notMatched

    /// Compiles `expression`.
    public init(_ expression: String, scope: PatternScope = .whole) throws(PatternError) {
        let code = unsafe try Self.compile(expression, scope)
        // `code` is live from here on, so the objects sized by it can be created; PCRE2 fails here only without memory. What was
        // created before the failure is lost with it, which is the least of the process's worries then.
        guard let context = unsafe pcre2_match_context_create_8(nil),
            let result = unsafe pcre2_match_data_create_from_pattern_8(code, nil),
            let offsets = unsafe pcre2_get_ovector_pointer_8(result)
        else { throw PatternError(message: "no memory for the expression", offset: 0) }
        unsafe pcre2_set_match_limit_8(context, PatternLimits.stepsMax)
        unsafe pcre2_set_depth_limit_8(context, PatternLimits.depthMax)
        unsafe pcre2_set_heap_limit_8(context, PatternLimits.heapKibibytesMax)
        unsafe self.code = code
        unsafe self.context = context
        unsafe self.result = result
        unsafe self.offsets = offsets
        source = expression
        self.scope = scope
        let groupCount = unsafe Int(pcre2_get_ovector_count_8(result)) - 1
        self.groupCount = groupCount
        groupNames = unsafe Self.names(of: code)
        startsOnce = unsafe Self.isAnchored(code)
    }

    deinit {
        // The match result refers to the code, so it goes first.
        unsafe pcre2_match_data_free_8(result)
        unsafe pcre2_match_context_free_8(context)
        unsafe pcre2_code_free_8(code)
    }

    /// Whether the expression matches the subject from its first byte to its last. The scope must be `.whole`.
    public func matchesWhole(_ subject: Span<UInt8>) -> PatternVerdict {
        precondition(scope == .whole)
        return match(subject)
    }

    /// Finds the leftmost match within the scope; `group(_:)` then tells where it lies.
    public func firstMatch(in subject: Span<UInt8>) -> PatternVerdict {
        if !startsOnce {
            let share = PatternLimits.stepsOverAllStartsMax / (subject.count + 1)
            let steps = min(Int(PatternLimits.stepsMax), max(PatternLimits.stepsPerStartMin, share))
            // The context is ours alone and alive.
            unsafe pcre2_set_match_limit_8(context, UInt32(steps))
        }
        return match(subject)
    }

    /// Where a group of the last match lies in its subject; 0 is the whole match. `nil` when the group took no part, when there is
    /// no such group, or when the last match did not succeed.
    public func group(_ number: Int) -> Range<Int>? {
        guard lastVerdict == .matched, number >= 0, number <= groupCount else { return nil }
        // Two offsets per group, and the number was checked; PCRE2 marks groups that took no part with all bits set.
        let start = unsafe offsets[2 * number]
        let end = unsafe offsets[2 * number + 1]
        return start >= 0 && start <= end ? start..<end : nil
    }

    /// The number of a named group.
    public func groupNumber(named name: String) -> Int? {
        groupNames.first { $0.name == name }?.number
    }

    private func match(_ subject: Span<UInt8>) -> PatternVerdict {
        // The span's bytes live through the call, and PCRE2 keeps no pointer that is used after it: `group(_:)` reads offsets.
        let outcome = unsafe subject.withUnsafeBufferPointer { bytes in
            unsafe pcre2_match_8(code, bytes.baseAddress, bytes.count, 0, 0, result, context)
        }
        // Besides "no match", a negative outcome is a limit: of steps, of depth, of the heap or of the compiled code's stack.
        lastVerdict = outcome >= 0 ? .matched : outcome == PCRE2_ERROR_NOMATCH ? .notMatched : .gaveUp
        return lastVerdict
    }
}

// MARK: Compiling

extension Pattern {
    /// Byte semantics whatever the expression asks for, no `\C`, and `$` only at the very end: a subject never "almost" matches.
    private static let options = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY

    private static func compile(_ expression: String, _ scope: PatternScope) throws(PatternError) -> OpaquePointer {
        var text = expression
        let length = text.utf8.count
        guard length <= PatternLimits.expressionBytesMax else {
            throw PatternError(
                message: "the expression is longer than \(PatternLimits.expressionBytesMax) bytes",
                offset: PatternLimits.expressionBytesMax)
        }
        // Anchoring is part of the compiled code; asked for at match time it would bypass the compiler.
        let anchors = scope == .whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0
        var failure: Int32 = 0
        var offset = 0
        // The bytes are only read during the call; `length` is their count.
        let compiled = text.withUTF8 { bytes in
            unsafe pcre2_compile_8(bytes.baseAddress, bytes.count, options | anchors, &failure, &offset, nil)
        }
        guard let code = unsafe compiled else {
            throw PatternError(message: message(of: failure), offset: min(max(0, offset), length))
        }
        // Where the system forbids generated code this fails, and matching falls back to the interpreter.
        _ = unsafe pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE)
        return unsafe code
    }

    private static func message(of failure: Int32) -> String {
        var text = [UInt8](repeating: 0, count: 256)
        // PCRE2 writes at most the array's count of bytes, a terminating zero included, and returns how many were text.
        let count = unsafe text.withUnsafeMutableBufferPointer { bytes in
            unsafe pcre2_get_error_message_8(failure, bytes.baseAddress, bytes.count)
        }
        return count > 0 ? String(decoding: text[..<Int(count)], as: UTF8.self) : "error \(failure)"
    }

    private static func isAnchored(_ code: OpaquePointer) -> Bool {
        var all: UInt32 = 0
        // This item is a 32-bit integer.
        unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_ALLOPTIONS), &all)
        return all & PCRE2_ANCHORED != 0
    }

    private static func names(of code: OpaquePointer) -> [(name: String, number: Int)] {
        var count: UInt32 = 0
        var size: UInt32 = 0
        var table: UnsafePointer<UInt8>?
        // Two 32-bit integers, and a pointer to a table that lives as long as the code.
        unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMECOUNT), &count)
        unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMEENTRYSIZE), &size)
        unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMETABLE), &table)
        guard count > 0, let table = unsafe table else { return [] }
        var names: [(name: String, number: Int)] = []
        for index in 0..<Int(count) {
            // An entry is the number in two bytes, high byte first, and the name with a terminating zero, `size` bytes in all.
            let entry = unsafe table + index * Int(size)
            let number = unsafe Int(entry[0]) << 8 | Int(entry[1])
            names.append((name: unsafe String(cString: entry + 2), number: number))
        }
        return names.sorted { $0.number < $1.number }
    }
}
