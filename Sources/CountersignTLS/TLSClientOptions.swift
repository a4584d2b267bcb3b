/// What a client's context does beside presenting an identity and verifying the server.
package struct TLSClientOptions: Sendable {
    /// The protocols offered by ALPN (RFC 7301), the preferred one first; none are offered when empty.
    ///
    /// Who uses the session finds out by ``TLSSession/applicationProtocol`` what the server chose.
    package var applicationProtocols: [String] = []
    /// Whether sessions are kept for ``TLSSession/takeResumption()``; each resumed one is verified again.
    package var keepsSessions = false

    /// Creates options with which nothing is offered and nothing kept.
    package init() {}

    /// The list as ALPN encodes it: each name behind a byte with its length.
    var encodedProtocols: [UInt8] {
        applicationProtocols.flatMap { name -> [UInt8] in
            let bytes = Array(name.utf8.prefix(255))
            return [UInt8(bytes.count)] + bytes
        }
    }
}
