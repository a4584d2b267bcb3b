import CountersignNATS

/// Reads the input as what a server of the bus sends, whole and in pieces, and expects the same of both.
///
/// A trap is a finding: one in the product, or one of the checks below, which hold for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzNATS(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // SAFETY: the fuzzer passes `size` readable bytes that stay as they are during the call.
    let input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    let step = size == 0 ? 1 : Int(input[size - 1] % 31) + 1
    let whole = HeardServer(input, step: max(size, 1))
    let pieces = HeardServer(input, step: step)
    precondition(whole == pieces, "the cuts matter")
    return 0
}

/// What a client made of a server's bytes.
private struct HeardServer: Equatable {
    var said: [String] = []
    var actions: [String] = []

    /// Reads `input`, of which `step` bytes arrive at a time; what has been dealt with leaves the buffer.
    init(_ input: [UInt8], step: Int) {
        var parser = NATSParser(payloadLimit: 200)
        var session = NATSSession(name: "n", version: "1", credentials: .user("u", password: "p"), usesTLS: false)
        var buffer: [UInt8] = []
        var arrived = 0
        while arrived < input.count {
            let next = min(arrived + step, input.count)
            buffer += input[arrived..<next]
            arrived = next
            var offset = 0
            while take(&parser, &session, buffer, &offset) {}
            precondition(offset >= 0 && offset <= buffer.count, "the offset left the buffer")
            buffer.removeFirst(offset)
        }
    }

    private mutating func take(
        _ parser: inout NATSParser,
        _ session: inout NATSSession,
        _ buffer: [UInt8],
        _ offset: inout Int
    ) -> Bool {
        let event = parser.next(buffer.span, from: &offset)
        func text(_ range: Range<Int>) -> String { String(decoding: buffer[range], as: UTF8.self) }
        switch event {
        case .needMore: return false
        case .violation:
            if said.last != "\(event)" { said.append("\(event)") }
            return false
        case .info(let range), .error(let range): said.append(text(range))
        case .message(let message):
            said.append("\(text(message.subject)) \(text(message.reply)) \(text(message.payload))")
        case .oversized(let count): said.append("oversized \(count)")
        case .ping, .pong, .ok: said.append("\(event)")
        }
        switch session.receive(event, in: buffer.span) {
        case .deliver: actions.append("deliver")
        case .send(let bytes): actions.append(String(decoding: bytes, as: UTF8.self))
        case let action: actions.append("\(action)")
        }
        return true
    }
}
