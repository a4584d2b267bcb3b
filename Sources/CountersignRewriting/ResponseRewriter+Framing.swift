extension ResponseRewriter {
    /// What the router itself says about how the response and the connection go on.
    package struct Framing: Sendable {
        /// Whether the connection outlives the response, and whether that has to be said (RFC 9112 section 9.3).
        package enum Persistence: Sendable {
            /// HTTP/1.1's own meaning: it does.
            case implied
            /// HTTP/1.0, where it must be said.
            case keepAlive
            /// It ends with the response.
            case close
            /// None of HTTP: it goes on with the protocol of the Upgrade field.
            case upgraded
        }

        /// The content is sent in chunks.
        let isChunked: Bool
        let persistence: Persistence
        /// The session that the response begins.
        let session: Session?

        /// For a response that another one follows.
        package static let interim = Framing()
        /// For a switch to another protocol.
        package static let switching = Framing(persistence: .upgraded)

        /// Makes what is said of a final response.
        package init(isChunked: Bool = false, persistence: Persistence = .implied, session: Session? = nil) {
            self.isChunked = isChunked
            self.persistence = persistence
            self.session = session
        }
    }

    /// A session that is kept with one instance.
    package struct Session: Sendable {
        /// The cookie that tells the client.
        package let cookie: StickyCookie
        /// What the instance is called toward clients.
        package let instance: [UInt8]
        /// The route's path, empty for the whole host.
        package let path: String

        /// Makes a session from its parts.
        package init(cookie: StickyCookie, instance: [UInt8], path: String) {
            self.cookie = cookie
            self.instance = instance
            self.path = path
        }
    }
}
