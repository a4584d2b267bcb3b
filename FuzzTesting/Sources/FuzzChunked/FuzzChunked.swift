import CountersignHTTP1

/// Reads the input as a chunked body, whole and in pieces, and expects the same of both.
///
/// A trap is a finding: one in the product, or one of the checks below, which hold for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzChunked(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // SAFETY: the fuzzer passes `size` readable bytes that stay as they are during the call.
    let input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    let step = size == 0 ? 1 : Int(input[size - 1] % 31) + 1
    let whole = DecodedBody(input, step: size)
    let pieces = DecodedBody(input, step: step)
    precondition(whole == pieces, "the cuts matter")
    precondition(whole.consumed <= size, "more was consumed than there is")
    return 0
}

/// What a decoder made of a body.
private struct DecodedBody: Equatable {
    var content: [UInt8] = []
    var trailers: [UInt8] = []
    var violation: ProtocolViolation?
    var isFinished = false
    var consumed = 0

    /// Decodes `input`, of which `step` bytes arrive at a time; what has been dealt with leaves the buffer.
    init(_ input: [UInt8], step: Int) {
        var decoder = ChunkedDecoder()
        var buffer: [UInt8] = []
        var arrived = 0
        while arrived < input.count, violation == nil, !isFinished {
            let next = min(arrived + step, input.count)
            buffer += input[arrived..<next]
            arrived = next
            let offset = read(buffer, &decoder)
            precondition(offset >= 0 && offset <= buffer.count, "the offset left the buffer")
            buffer.removeFirst(offset)
            consumed += offset
        }
    }

    private mutating func read(_ buffer: [UInt8], _ decoder: inout ChunkedDecoder) -> Int {
        var offset = 0
        while true {
            let start = offset
            switch decoder.next(buffer.span, from: &offset) {
            case .data(let range):
                precondition(range.end == offset && !range.isEmpty, "data out of place")
                content += buffer[range.start..<range.end]
            case .trailerLine(let range):
                precondition(range.start >= start && range.end == offset, "trailer out of place")
                trailers += buffer[range.start..<range.end]
            case .finished:
                isFinished = true
                return offset
            case .needMore:
                return offset
            case .violation(let violation):
                self.violation = violation
                return offset
            }
        }
    }
}
