import CountersignHTTP1

/// What a decoder made of a chunked body that arrived in pieces.
struct DecodedBody: Equatable {
    var content: [UInt8] = []
    var trailers: [String] = []
    var trailerNames: [String] = []
    var violation: ProtocolViolation.Code?
    var isFinished = false

    /// How many bytes from the front were dealt with.
    var consumed = 0

    /// Decodes `bytes`, which arrive in pieces that end at `cuts` and at the end, the way a connection does: what has
    /// been dealt with is dropped from the buffer after each piece.
    init(_ bytes: [UInt8], cuts: [Int] = [], limits: ChunkLimits = ChunkLimits()) {
        var decoder = ChunkedDecoder(limits: limits)
        var buffer: [UInt8] = []
        var arrived = 0
        for cut in cuts + [bytes.count] where violation == nil && !isFinished {
            buffer += bytes[arrived..<cut]
            arrived = cut
            var offset = 0
            read(buffer, &decoder, &offset)
            buffer.removeFirst(offset)
            consumed += offset
        }
    }

    init(_ text: String, cuts: [Int] = [], limits: ChunkLimits = ChunkLimits()) {
        self.init(latin1(text), cuts: cuts, limits: limits)
    }

    private mutating func read(_ buffer: [UInt8], _ decoder: inout ChunkedDecoder, _ offset: inout Int) {
        while true {
            switch decoder.next(buffer.span, from: &offset) {
            case .data(let range):
                content += buffer[range.start..<range.end]
            case .trailerLine(let range):
                trailers.append(String(decoding: buffer[range.start..<range.end], as: UTF8.self))
                let name = decoder.trailer?.name ?? .empty
                trailerNames.append(String(decoding: buffer[name.start..<name.end], as: UTF8.self))
            case .finished:
                isFinished = true
                return
            case .needMore:
                return
            case .violation(let violation):
                self.violation = violation.code
                return
            }
        }
    }
}
