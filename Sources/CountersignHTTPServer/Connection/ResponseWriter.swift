import CountersignTransport

/// Writes the heads of responses.
enum ResponseWriter {
    /// How the client finds the end of the content.
    enum Framing {
        /// There is none, and nothing is said about it.
        case none
        case length(Int)
        case chunked
        case untilClose
    }

    /// Writes a head through its blank line.
    ///
    /// - Parameters:
    ///   - date: the Date field with its CRLF.
    ///   - connection: the Connection field's value; none is sent when it is empty.
    static func write(
        _ response: ServerResponse,
        framing: Framing,
        date: [UInt8],
        connection: StaticString,
        into queue: ByteQueue
    ) {
        queue.append(HTTPStatus.line(response.status))
        queue.append(date)
        if !response.contentType.isEmpty { write("Content-Type", response.contentType, into: queue) }
        for field in response.fields { write(field.name, field.value, into: queue) }
        switch framing {
        case .none, .untilClose: break
        case .length(let length):
            queue.append("Content-Length: ")
            queue.append(decimal: UInt64(length))
            queue.append("\r\n")
        case .chunked: queue.append("Transfer-Encoding: chunked\r\n")
        }
        if connection.utf8CodeUnitCount > 0 {
            queue.append("Connection: ")
            queue.append(connection)
            queue.append("\r\n")
        }
        queue.append("\r\n")
    }

    private static func write(_ name: String, _ value: String, into queue: ByteQueue) {
        append(name, to: queue)
        queue.append(": ")
        append(value, to: queue)
        queue.append("\r\n")
    }

    /// Controls, which could end the line early, become spaces (RFC 9110 section 5.5).
    private static func append(_ text: String, to queue: ByteQueue) {
        var text = text
        text.withUTF8 { bytes in
            if unsafe bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
                queue.append(unsafe bytes.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 })
            } else {
                unsafe queue.append(UnsafeRawBufferPointer(bytes))
            }
        }
    }
}
