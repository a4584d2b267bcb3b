import CountersignHTTP1
package import CountersignTransport

/// The router's cookie beside one of a backend, from which it takes how long and where to it is sent.
package struct StickyCookie: Sendable {
    private var isSecure: Bool
    private var isPartitioned = false
    private var isEnding = false
    private var sameSite: ByteRange?
    private var expires: ByteRange?

    init(isSecure: Bool) {
        self.isSecure = isSecure
    }

    /// Takes over an attribute of the backend's cookie (RFC 6265 section 5.2).
    mutating func take(_ name: ByteRange, _ value: ByteRange, _ bytes: UnsafeRawBufferPointer) {
        if unsafe StickySession.isName(name, "secure", bytes) {
            isSecure = true
        } else if unsafe StickySession.isName(name, "samesite", bytes) {
            sameSite = value.isEmpty ? nil : value
        } else if unsafe StickySession.isName(name, "expires", bytes) {
            expires = value.isEmpty ? nil : value
        } else if unsafe StickySession.isName(name, "partitioned", bytes) {
            isPartitioned = true
        } else if unsafe StickySession.isName(name, "max-age", bytes), !value.isEmpty {
            // Zero, or less: the session is over.
            isEnding = unsafe bytes[value.start] == UInt8(ascii: "-") || bytes[value.start] == UInt8(ascii: "0")
        }
    }

    /// Writes the header line; nothing for an instance whose name no cookie can hold.
    ///
    /// - Parameters:
    ///   - instance: what the instance that answers is called toward clients.
    ///   - path: the route's path, empty for the whole host.
    ///   - bytes: the response that the attributes point into.
    ///   - out: where the line goes.
    package func write(_ instance: [UInt8], path: String, in bytes: UnsafeRawBufferPointer, to out: ByteQueue) {
        guard instance.allSatisfy(Self.isCookieByte) else { return }
        out.append("Set-Cookie: ")
        out.append(StickySession.cookieName)
        out.append("=")
        out.append(instance)
        out.append("; Path=")
        if path.isEmpty { out.append("/") } else { out.append(Array(path.utf8)) }
        if let expires {
            out.append("; Expires=")
            unsafe out.append(UnsafeRawBufferPointer(rebasing: bytes[expires.start..<expires.end]))
        }
        if isEnding { out.append("; Max-Age=0") }
        out.append("; HttpOnly")
        if isSecure { out.append("; Secure") }
        if let sameSite {
            out.append("; SameSite=")
            unsafe out.append(UnsafeRawBufferPointer(rebasing: bytes[sameSite.start..<sameSite.end]))
        }
        if isPartitioned { out.append("; Partitioned") }
        out.append("\r\n")
    }

    /// Whether a cookie's value may have a byte (RFC 6265 section 4.1.1).
    private static func isCookieByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: true
        default: false
        }
    }
}
