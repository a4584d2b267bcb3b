import ArgumentParser

/// What to send, where, and how many at once.
struct LoadPlan {
    /// What one unit of work is.
    enum Mode: String, ExpressibleByArgument, CaseIterable {
        /// A request on a connection that stays open.
        case keepalive
        /// A new connection with a full handshake and one request.
        case handshake
        /// A new connection that resumes an earlier session, and one request.
        case resume
    }

    var mode: Mode
    var address: IPv4Endpoint
    /// Whom connections are for, in turn; at least one.
    var targets: [Target]
    var http2Request: HTTP2Request
    var expectedBytes: Int
    var connections: Int
    /// How many connections are opened at once beforehand; the next are when each of them has its first answer.
    var opening: Int
    var rate: Double?
    /// How many requests each connection has under way at once; `nil` for HTTP/1.1.
    var streams: Int?
}

/// Whom a connection is for, and what it asks there.
struct Target {
    /// The server's name for TLS.
    let serverName: String
    let request: Request

    init(host: String, path: String, uploadBytes: Int) {
        serverName = host
        request = Request(host: host, path: path, uploadBytes: uploadBytes)
    }
}
