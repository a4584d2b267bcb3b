import CountersignForwarding
package import CountersignHTTP1
package import CountersignTransport

/// Writes the head that the client gets: the backend's lines as they came, without those that end at this hop.
package enum ResponseRewriter {
    /// Writes a head.
    ///
    /// - Parameters:
    ///   - head: the backend's head, scanned.
    ///   - fields: its fields.
    ///   - bytes: the bytes that `head` and `fields` point into.
    ///   - framing: how response and connection go on.
    ///   - out: where the lines go, behind what is there.
    package static func write(
        _ head: ResponseHead,
        fields: [HeaderField],
        in bytes: UnsafeRawBufferPointer,
        framing: Framing,
        to out: ByteQueue
    ) {
        out.append("HTTP/1.1 ")
        out.append(decimal: UInt64(head.status))
        out.append(byte: 0x20)
        unsafe out.append(UnsafeRawBufferPointer(rebasing: bytes[head.reason.start..<head.reason.end]))
        out.append("\r\n")
        var run = LineRun()
        for field in fields {
            guard unsafe isForwarded(field, in: bytes) || field.kind == .upgrade && framing.persistence == .upgraded
            else {
                continue
            }
            unsafe run.add(field.line, in: bytes, to: out)
        }
        unsafe run.write(in: bytes, to: out)
        if let session = framing.session {
            unsafe session.cookie.write(session.instance, path: session.path, in: bytes, to: out)
        }
        if framing.isChunked { out.append("Transfer-Encoding: chunked\r\n") }
        switch framing.persistence {
        case .implied: break
        case .keepAlive: out.append("Connection: keep-alive\r\n")
        case .close: out.append("Connection: close\r\n")
        case .upgraded: out.append("Connection: Upgrade\r\n")
        }
        out.append("\r\n")
    }

    /// Whether a field of the backend is for the client.
    package static func isForwarded(_ field: HeaderField, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard !field.isConnectionNominated else { return false }
        switch field.kind {
        case .connection, .keepAlive, .proxyConnection, .upgrade, .transferEncoding, .proxyAuthenticate: return false
        case .other:
            // RFC 9440 section 2.4: certificate fields must not appear in responses.
            let name = unsafe UnsafeRawBufferPointer(rebasing: bytes[field.name.start..<field.name.end])
            return unsafe !IdentityHeaders.contains(Span<UInt8>(_unsafeBytes: name))
        default: return true
        }
    }
}
