internal import CYAML

/// Reads a YAML source as a sequence of events, by libyaml.
///
/// It owns a copy of the source and libyaml's state, and frees both when it goes. It builds no tree, resolves no alias and
/// bounds nothing: the reader of the events does. After an error or the end of the stream, `next` only says `streamEnded`.
@safe public struct YAMLParser: ~Copyable {
    /// libyaml keeps addresses inside its own state, hence a place on the heap that never moves.
    private let state: UnsafeMutablePointer<yaml_parser_t>
    /// libyaml reads from here until it is deleted.
    private let source: UnsafeMutableBufferPointer<UInt8>

    /// - Parameter bytes: the whole source, in UTF-8.
    public init(_ bytes: [UInt8]) {
        unsafe source = UnsafeMutableBufferPointer.allocate(capacity: max(bytes.count, 1))
        // The destination has room for every byte, and nothing else has its address yet.
        _ = unsafe source.update(fromContentsOf: bytes)
        unsafe state = UnsafeMutablePointer.allocate(capacity: 1)
        // `yaml_parser_initialize` overwrites all of the state; it fails only when memory is exhausted.
        precondition(unsafe yaml_parser_initialize(state) == 1, "no memory for a YAML parser")
        unsafe yaml_parser_set_encoding(state, YAML_UTF8_ENCODING)
        // The copy lives until `deinit`, which deletes the parser first.
        unsafe yaml_parser_set_input_string(state, source.baseAddress, bytes.count)
    }

    deinit {
        unsafe yaml_parser_delete(state)
        unsafe state.deallocate()
        unsafe source.deallocate()
    }

    /// The next event. The content of a scalar is appended to `text`, where the event's range points.
    public mutating func next(appendingTextTo text: inout [UInt8]) throws(YAMLSyntaxError) -> YAMLEvent {
        // Zeroed by libyaml itself at the start of `yaml_parser_parse`.
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(state, &event) == 1 else { throw syntaxError() }
        defer { unsafe yaml_event_delete(&event) }
        let start = text.count
        var result = unsafe YAMLEvent(
            kind: .streamEnded, position: YAMLPosition(event.start_mark), text: start..<start, isPlain: false,
            hasAnchor: false, hasTag: false)
        switch unsafe event.type {
        case YAML_STREAM_START_EVENT: result.kind = .streamStarted
        case YAML_DOCUMENT_START_EVENT: result.kind = .documentStarted
        case YAML_DOCUMENT_END_EVENT: result.kind = .documentEnded
        case YAML_SEQUENCE_END_EVENT: result.kind = .sequenceEnded
        case YAML_MAPPING_END_EVENT: result.kind = .mappingEnded
        case YAML_SEQUENCE_START_EVENT:
            result.kind = .sequenceStarted
            result.hasAnchor = unsafe event.data.sequence_start.anchor != nil
            result.hasTag = unsafe event.data.sequence_start.tag != nil
        case YAML_MAPPING_START_EVENT:
            result.kind = .mappingStarted
            result.hasAnchor = unsafe event.data.mapping_start.anchor != nil
            result.hasTag = unsafe event.data.mapping_start.tag != nil
        case YAML_SCALAR_EVENT:
            unsafe Self.describe(event.data.scalar, in: &result, appendingTextTo: &text)
        case YAML_ALIAS_EVENT:
            result.kind = .alias
            // The anchor of an alias event is a name that ends in NUL.
            text.append(contentsOf: unsafe String(cString: event.data.alias.anchor).utf8)
            result.text = start..<text.count
        default:
            break
        }
        return result
    }

    private static func describe(
        _ scalar: yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar, in event: inout YAMLEvent,
        appendingTextTo text: inout [UInt8]
    ) {
        let start = text.count
        // `value` holds `length` bytes for as long as the event lives, and this call is within its life.
        unsafe text.append(contentsOf: UnsafeBufferPointer(start: scalar.value, count: scalar.length))
        event.kind = .scalar
        event.text = start..<text.count
        event.isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
        event.hasAnchor = unsafe scalar.anchor != nil
        event.hasTag = unsafe scalar.tag != nil
    }

    private borrowing func syntaxError() -> YAMLSyntaxError {
        // The problem texts of libyaml are constants that end in NUL; either pointer may be null.
        let message = unsafe state.pointee.problem.map { unsafe String(cString: $0) } ?? "the source cannot be read"
        let context = unsafe state.pointee.context.map { unsafe String(cString: $0) } ?? ""
        if unsafe state.pointee.error == YAML_READER_ERROR {
            return YAMLSyntaxError(message: message, byteOffset: unsafe Int(state.pointee.problem_offset))
        }
        return unsafe YAMLSyntaxError(
            message: message, context: context,
            contextPosition: context.isEmpty ? nil : YAMLPosition(state.pointee.context_mark),
            position: YAMLPosition(state.pointee.problem_mark))
    }
}

extension YAMLPosition {
    /// libyaml counts from 0.
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int32(clamping: mark.line + 1), column: Int32(clamping: mark.column + 1))
    }
}
