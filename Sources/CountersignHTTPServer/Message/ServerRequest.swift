package import CountersignHTTP1
package import CountersignPKI
package import CountersignTransport

/// A request, whole in memory and immutable.
///
/// It keeps the bytes of the head and where everything lies in them; text is decoded only when it is asked for.
package final class ServerRequest: Sendable {
    /// The content; empty when there is none.
    package let body: [UInt8]
    /// When the head was complete, in wall-clock nanoseconds since 1970.
    package let receivedAt: Int64
    /// The connection that the request came on.
    package let connection: ServerConnectionInfo

    let bytes: [UInt8]
    let head: RequestHead
    let fieldLines: [HeaderField]
    /// Where the path lies without its query.
    let pathRange: ByteRange

    init(
        bytes: [UInt8],
        head: RequestHead,
        fieldLines: [HeaderField],
        body: [UInt8],
        receivedAt: Int64,
        connection: ServerConnectionInfo
    ) {
        self.bytes = bytes
        self.head = head
        self.fieldLines = fieldLines
        self.body = body
        self.receivedAt = receivedAt
        self.connection = connection
        let whole = head.path
        let mark = bytes[whole.start..<whole.end].firstIndex(of: UInt8(ascii: "?")) ?? whole.end
        self.pathRange = ByteRange(start: whole.start, end: mark)
    }

    /// The method; for one that is not known, see ``methodText``.
    package var method: RequestMethod { head.method }

    /// The method as sent.
    package var methodText: String { text(head.methodRange) }

    /// Whether the method is GET or HEAD.
    package var isRead: Bool { head.method == .get || head.method == .head }

    /// The path as sent, without its query and with its percent-encoding.
    package var path: String {
        // An absolute target may leave its path out, where `/` is meant.
        pathRange.isEmpty ? "/" : text(pathRange)
    }

    /// What follows the first `?`, as sent; empty when nothing does.
    package var query: String {
        pathRange.end < head.path.end ? text(ByteRange(start: pathRange.end + 1, end: head.path.end)) : ""
    }

    /// The host that the request is for, with its port where it has one.
    package var host: String { text(head.host) }

    /// The client whose certificate was verified.
    package var peer: VerifiedPeer? { connection.peer }

    /// The caller's address.
    package var remote: SocketAddress { connection.remote }

    /// The header fields in their order, names as sent.
    package var fields: [(name: String, value: String)] {
        fieldLines.map { (text($0.name), text($0.value)) }
    }

    /// The value of the first field of that name, compared without case.
    package func field(_ name: String) -> String? {
        fieldLines.first { isNamed($0, name) }.map { text($0.value) }
    }

    /// The values of all fields of that name, compared without case, in their order.
    package func values(of name: String) -> [String] {
        fieldLines.filter { isNamed($0, name) }.map { text($0.value) }
    }

    /// The first value of that name in the query, with `+` and percent-encoding decoded.
    ///
    /// - Returns: `nil` when the name is not there; an empty text when it has no value.
    package func queryValue(_ name: String) -> String? {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard PercentCoding.decodedQuery(parts[0]) == name else { continue }
            return parts.count == 2 ? PercentCoding.decodedQuery(parts[1]) : ""
        }
        return nil
    }

    /// Every parameter of the query in its order, with `+` and percent-encoding decoded.
    ///
    /// A value is `nil` when it has a broken escape or is no UTF-8, so that nobody takes it for what was not sent; a name
    /// of that kind stands as it was sent.
    package var queryParameters: [(name: String, value: String?)] {
        query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = PercentCoding.wellFormedQuery(parts[0]) ?? String(parts[0])
            return (name, parts.count == 2 ? PercentCoding.wellFormedQuery(parts[1]) : "")
        }
    }

    func text(_ range: ByteRange) -> String {
        String(decoding: bytes[range.start..<range.end], as: UTF8.self)
    }

    private func isNamed(_ line: HeaderField, _ name: String) -> Bool {
        let range = line.name
        guard range.count == name.utf8.count else { return false }
        var position = range.start
        for byte in name.utf8 {
            guard Self.folded(bytes[position]) == Self.folded(byte) else { return false }
            position += 1
        }
        return true
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }
}
