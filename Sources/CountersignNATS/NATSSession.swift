import CountersignJSON

/// A client's side of one connection to a server of the bus, without I/O: what the server says in, what to do out.
package struct NATSSession: Sendable {
    /// What to do next.
    package enum Action: Sendable, Equatable {
        /// Nothing.
        case none
        /// Send these bytes, which may hold a secret.
        case send([UInt8])
        /// Begin TLS, then call ``tlsEstablished()``.
        case startTLS
        /// The server has let this client in; it can subscribe and publish.
        case ready
        /// A message has come, whose parts are at these places.
        case deliver(NATSMessage)
        /// A message of so many bytes was dropped.
        case dropped(Int)
        /// The server objects to something that can be done without; its words, cut short.
        case complain(String)
        /// Give the connection up.
        case fail(NATSFailure)
    }

    private enum Phase {
        case awaitingInfo
        case startingTLS
        case awaitingPong
        case ready
        case ended
    }

    /// What the server said of itself.
    package private(set) var info: NATSServerInfo?
    private let name: String
    private let version: String
    private let credentials: NATSCredentials
    private let usesTLS: Bool
    private var phase = Phase.awaitingInfo
    private var unansweredPings = 0

    /// Makes the client's side of a connection that has just been opened.
    ///
    /// - Parameters:
    ///   - name: the client's name, which the server shows.
    ///   - version: the client's version.
    ///   - credentials: who the client is.
    ///   - usesTLS: whether nothing but the server's greeting may go in plain text.
    package init(name: String, version: String, credentials: NATSCredentials, usesTLS: Bool) {
        self.name = name
        self.version = version
        self.credentials = credentials
        self.usesTLS = usesTLS
    }

    /// Takes in what the server said.
    ///
    /// - Parameters:
    ///   - event: what it was.
    ///   - bytes: the bytes that its places are in.
    package mutating func receive(_ event: NATSEvent, in bytes: Span<UInt8>) -> Action {
        switch event {
        case .needMore, .ok: return .none
        case .ping: return phase == .awaitingInfo ? fail(.outOfOrder) : .send(NATSCommand.pong)
        case .pong: return ponged()
        case .info(let place): return informed(Self.copy(bytes, place))
        case .message(let message): return phase == .ready ? .deliver(message) : fail(.outOfOrder)
        case .oversized(let count): return .dropped(count)
        case .error(let place): return objected(String(decoding: Self.copy(bytes, place), as: UTF8.self))
        case .violation(let violation): return fail(.violation(violation))
        }
    }

    /// Goes on after TLS has begun.
    package mutating func tlsEstablished() -> Action {
        guard phase == .startingTLS else { return .none }
        return connect()
    }

    /// Asks whether the server is still there; to be called at each interval.
    package mutating func intervalPassed() -> Action {
        guard phase == .ready else { return .none }
        guard unansweredPings < Self.maximumUnansweredPings else { return fail(.unresponsive) }
        unansweredPings += 1
        return .send(NATSCommand.ping)
    }

    private mutating func informed(_ document: [UInt8]) -> Action {
        do throws(JSONError) {
            let next = try NATSServerInfo(parsing: document)
            info = next
            guard phase == .awaitingInfo else { return next.isLeaving ? fail(.leaving) : .none }
            return greeted(next)
        } catch {
            return fail(.malformedInfo)
        }
    }

    private mutating func greeted(_ server: NATSServerInfo) -> Action {
        if usesTLS {
            guard server.offersTLS else { return fail(.noTLS) }
            phase = .startingTLS
            return .startTLS
        }
        guard !server.requiresTLS else { return fail(.tlsRequired) }
        return connect()
    }

    private mutating func connect() -> Action {
        phase = .awaitingPong
        let connect = NATSCommand.connect(name: name, version: version, credentials: credentials, usesTLS: usesTLS)
        return .send(connect + NATSCommand.ping)
    }

    private mutating func ponged() -> Action {
        switch phase {
        case .awaitingPong:
            phase = .ready
            return .ready
        case .ready:
            unansweredPings = 0
            return .none
        case .awaitingInfo, .startingTLS: return fail(.outOfOrder)
        case .ended: return .none
        }
    }

    private mutating func objected(_ objection: String) -> Action {
        let text = objection.lowercased()
        if text.contains("authorization") || text.contains("authentication") || text.contains("user ") {
            return fail(.unauthorized)
        }
        let words = String(objection.unicodeScalars.prefix(160).map { $0.isASCII ? Character($0) : "?" })
        // Without its subscription the client hears nothing; what it may not publish, others do without.
        return text.contains("violation for publish") ? .complain(words) : fail(.refused(words))
    }

    private mutating func fail(_ failure: NATSFailure) -> Action {
        phase = .ended
        return .fail(failure)
    }

    private static func copy(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
        range.map { bytes[$0] }
    }

    private static let maximumUnansweredPings = 2
}
