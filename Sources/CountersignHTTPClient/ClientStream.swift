import CountersignHTTP1
import CountersignTransport
import Synchronization

/// An answer that comes line by line, for as long as the server likes: newline-delimited JSON, for example.
///
/// One thread reads; any thread may cancel.
package final class ClientStream: Sendable {
    /// The head of the answer; its body is empty.
    package let response: ClientResponse

    @safe
    private struct Reader: @unchecked Sendable {
        // SAFETY: nothing else has the exchange, and the mutex lets one thread at it.
        let exchange: ClientExchange
        var waiting: [UInt8] = []
        /// How many bytes of `waiting` are known to hold no line feed.
        var searched = 0
        /// How many bytes of `waiting` have been handed out.
        var start = 0
    }

    private let socket: ClientSocket
    private let maximumLine: Int
    private let onEnd: @Sendable () -> Void
    private let reader: Mutex<Reader>

    init(_ exchange: sending ClientExchange, maximumLine: Int, onEnd: @escaping @Sendable () -> Void) {
        self.response = ClientResponse(status: exchange.head.status, fields: exchange.fields, body: [])
        self.socket = exchange.wire.socket
        self.maximumLine = maximumLine
        self.onEnd = onEnd
        self.reader = Mutex(Reader(exchange: exchange))
    }

    deinit {
        onEnd()
        socket.close()
    }

    /// Waits for the next line.
    ///
    /// - Parameter heartbeat: how long nothing at all may arrive. Empty lines, which servers send as a sign of life,
    ///   count as something and are not handed out.
    /// - Returns: a line without its line feed; `nil` when the server has ended the answer, whole.
    /// - Throws: ``HTTPClientError``: `timeout` for a quiet server, `cancelled`, `tooLarge` for a line without end.
    package func nextLine(within heartbeat: Duration) throws(HTTPClientError) -> [UInt8]? {
        let result = reader.withLock { reader in
            Result { () throws(HTTPClientError) in try next(&reader, heartbeat) }
        }
        return try result.get()
    }

    /// Ends the stream; a thread that waits for a line gets `cancelled`.
    package func cancel() {
        socket.cancel()
    }

    private func next(_ reader: inout Reader, _ heartbeat: Duration) throws(HTTPClientError) -> [UInt8]? {
        while true {
            if let line = Self.takeLine(&reader) {
                guard line.count <= maximumLine else { throw tooLong }
                return line
            }
            guard reader.waiting.count - reader.start <= maximumLine else { throw tooLong }
            let goesOn = try reader.exchange.read(into: &reader.waiting, until: Deadline(within: heartbeat))
            if socket.isCancelled { throw HTTPClientError(.cancelled, "the stream was ended") }
            guard goesOn else { return Self.takeRest(&reader) }
        }
    }

    private var tooLong: HTTPClientError {
        HTTPClientError(.tooLarge, "a line of the stream is longer than \(maximumLine) bytes")
    }

    private static func takeLine(_ reader: inout Reader) -> [UInt8]? {
        while let end = reader.waiting[reader.searched...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = reader.waiting[reader.start..<end]
            reader.start = end + 1
            reader.searched = end + 1
            if !line.isEmpty, line != [UInt8(ascii: "\r")] { return Array(line) }
        }
        if reader.start > 0 {
            reader.waiting.removeFirst(reader.start)
            reader.start = 0
        }
        reader.searched = reader.waiting.count
        return nil
    }

    /// The last line, which need not end with a line feed.
    private static func takeRest(_ reader: inout Reader) -> [UInt8]? {
        defer {
            reader.waiting = []
            reader.start = 0
            reader.searched = 0
        }
        return reader.waiting.isEmpty ? nil : reader.waiting
    }
}
