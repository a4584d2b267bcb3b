@testable import CountersignHTTP2

/// A connection under test with everything that it said, and frames made by hand to tell it.
final class Peer {
    var connection: HTTP2Connection
    let workspace: HTTP2Workspace
    private var waiting: [UInt8] = []

    init(_ role: HTTP2Connection.Role = .server, limits: HTTP2Limits = HTTP2Limits(), isOpen: Bool = true) {
        connection = HTTP2Connection(role, limits: limits)
        workspace = HTTP2Workspace(limits: limits)
        connection.start(workspace)
        guard isOpen else { return }
        if role == .server { waiting += Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) }
        _ = receive(Self.frame(4, 0, 0))
        workspace.output.removeAll()
    }

    /// Feeds bytes, and answers the events that came of all of them.
    func receive(_ bytes: [UInt8], stepwise: Bool = false) -> [HTTP2Event] {
        var events: [HTTP2Event] = []
        for piece in stepwise ? bytes.map({ [$0] }) : [bytes] {
            waiting += piece
            var offset = 0
            while true {
                let event = connection.next(waiting.span, from: &offset, workspace)
                if event == .needMore { break }
                if case .data(let stream, let range, _) = event { connection.consumed(stream, range.count, workspace) }
                events.append(event)
            }
            waiting.removeFirst(offset)
        }
        return events
    }

    /// The frames that were written since the last call: type, flags, stream and payload.
    func frames() -> [(kind: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8])] {
        var found: [(kind: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8])] = []
        var offset = 0
        let bytes = workspace.output
        while offset + 9 <= bytes.count {
            let header = FrameHeader(bytes.span, at: offset)
            let start = offset + 9
            found.append((header.kind, header.flags, header.stream, Array(bytes[start..<start + header.length])))
            offset = start + header.length
        }
        workspace.output.removeAll()
        return found
    }

    /// The codes of the streams that were reset, and of the end of the connection.
    func complaints() -> [HTTP2ErrorCode] {
        frames().compactMap { frame in
            switch frame.kind {
            case 3: HTTP2ErrorCode(rawValue: frame.payload.span.bigEndian32(at: 0))
            case 7: HTTP2ErrorCode(rawValue: frame.payload.span.bigEndian32(at: 4))
            default: nil
            }
        }
    }

    // What the connection offers, callable from within expectations.

    var hasFailed: Bool { connection.hasFailed }
    var isDrained: Bool { connection.isDrained }
    var canOpen: Bool { connection.canOpen }
    func isOpen(_ stream: HTTP2Stream) -> Bool { connection.isOpen(stream) }
    func sendRoom(_ stream: HTTP2Stream) -> Int { connection.sendRoom(stream) }
    func open(isBodiless: Bool = false) -> HTTP2Stream? { connection.open(isBodiless: isBodiless) }
    func beginHead(_ stream: HTTP2Stream) -> Bool { connection.beginHead(stream, workspace) }

    func send(_ content: [UInt8], on stream: HTTP2Stream, isEnd: Bool = false) -> Int {
        connection.send(content.span, on: stream, isEnd: isEnd, workspace)
    }

    var message: String { String(decoding: workspace.message, as: UTF8.self) }

    static func frame(_ kind: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8] = []) -> [UInt8] {
        var bytes: [UInt8] = []
        FrameHeader.write(length: payload.count, kind, flags: flags, stream: stream, to: &bytes)
        return bytes + payload
    }

    /// A header block without any compression.
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in fields {
            bytes.append(0)
            HPACKInteger.write(name.utf8.count, prefix: 7, first: 0, to: &bytes)
            bytes += Array(name.utf8)
            HPACKInteger.write(value.utf8.count, prefix: 7, first: 0, to: &bytes)
            bytes += Array(value.utf8)
        }
        return bytes
    }

    static let get = [(":method", "GET"), (":scheme", "https"), (":authority", "a.example"), (":path", "/x")]
    static let post = [(":method", "POST"), (":scheme", "https"), (":authority", "a.example"), (":path", "/x")]

    static func request(
        _ id: UInt32,
        _ fields: [(String, String)] = Peer.get,
        _ more: [(String, String)] = [],
        isEnd: Bool = true
    ) -> [UInt8] {
        frame(1, isEnd ? 5 : 4, id, block(fields + more))
    }
}
