package import CountersignHTTP1
package import CountersignPKI
import CountersignTransport

extension ServerRequest {
    /// Makes a request without a connection, to try a handler with.
    ///
    /// - Parameters:
    ///   - method: the method.
    ///   - target: the path with its query.
    ///   - fields: header fields; a Host field is added.
    ///   - body: the content.
    ///   - peer: the client that is calling.
    /// - Throws: what a server would refuse about it.
    package convenience init(
        composing method: String,
        _ target: String,
        fields: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        peer: VerifiedPeer? = nil
    ) throws(ProtocolViolation) {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: composed.invalid\r\n"
        for field in fields { text += "\(field.name): \(field.value)\r\n" }
        let bytes = Array((text + "\r\n").utf8)
        var scanner = RequestScanner()
        switch scanner.scan(bytes.span) {
        case .complete: break
        case .needMore: throw ProtocolViolation(.malformedRequestLine)
        case .violation(let violation): throw violation
        }
        let remote = SocketAddress(numericHost: "127.0.0.1", port: 0)
        guard let remote else { throw ProtocolViolation(.malformedHost) }
        self.init(
            bytes: bytes,
            head: scanner.head,
            fieldLines: scanner.fields,
            body: body,
            receivedAt: 0,
            connection: ServerConnectionInfo(id: 0, remote: remote, isTLS: peer != nil, peer: peer)
        )
    }
}
