import CountersignHTTP1
import CountersignHTTP2

/// Reads the input as what a client, or an upstream, sends behind the preface: whole and cut in two.
///
/// A trap is a finding: one in the product, or one of the checks below, which hold for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP2(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // SAFETY: the fuzzer passes `size` readable bytes that stay as they are during the call.
    let input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    let cut = size == 0 ? 0 : Int(input[size - 1]) * size / 256
    for role in [HTTP2Connection.Role.server, .client] {
        let whole = run(role, [input])
        let pieces = run(role, [Array(input[..<cut]), Array(input[cut...])])
        precondition(whole.messages == pieces.messages, "the cut matters")
        precondition(whole.output == pieces.output, "the cut changes what is answered")
    }
    return 0
}

private struct Story {
    var messages: [String] = []
    var output: [UInt8] = []
}

/// Feeds a connection, uses up what comes, and answers each request.
private func run(_ role: HTTP2Connection.Role, _ pieces: [[UInt8]]) -> Story {
    let limits = HTTP2Limits()
    var connection = HTTP2Connection(role, limits: limits)
    let workspace = HTTP2Workspace(limits: limits)
    var scanner = RequestScanner()
    var story = Story()
    var content = 0
    connection.start(workspace)
    if role == .client {
        for isBodiless in [false, true] { _ = connection.open(isBodiless: isBodiless) }
    }
    var waiting = role == .server ? Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) : []
    waiting += [0, 0, 0, 4, 0, 0, 0, 0, 0]
    for piece in pieces {
        waiting += piece
        var offset = 0
        while true {
            let before = offset
            let event = connection.next(waiting.span, from: &offset, workspace)
            precondition(offset >= before && offset <= waiting.count, "the offset runs away")
            if event == .needMore { break }
            if case .data(let stream, let range, _) = event {
                precondition(range.lowerBound >= before && range.upperBound <= offset, "content out of place")
                content += range.count
                connection.consumed(stream, range.count, workspace)
                continue
            }
            story.messages.append("\(event)")
            if case .head(let stream, _) = event {
                story.messages.append(String(decoding: workspace.message, as: UTF8.self))
                if role == .server { answer(stream, &connection, workspace, &scanner) }
            }
        }
        waiting.removeFirst(offset)
        precondition(waiting.count < 16_384 + 9 || connection.hasFailed, "more than a frame is held")
    }
    precondition(connection.streamCount <= limits.maxConcurrentStreams, "more streams than allowed")
    story.messages.append("\(content) bytes, \(connection.streamCount) streams")
    story.output = workspace.output
    return story
}

private func answer(
    _ stream: HTTP2Stream,
    _ connection: inout HTTP2Connection,
    _ workspace: HTTP2Workspace,
    _ scanner: inout RequestScanner
) {
    // What is written for the scanner is one whole head and nothing behind it, or is refused as a whole.
    if scanner.scan(workspace.message.span) == .complete {
        precondition(scanner.head.length == workspace.message.count, "something stands behind the head")
    }
    guard connection.beginHead(stream, workspace) else { return }
    connection.add(status: 200, workspace)
    connection.endHead(stream, isEnd: false, workspace)
    _ = connection.send([1, 2, 3].span, on: stream, isEnd: true, workspace)
}
