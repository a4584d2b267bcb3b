#if AsyncHTTPClient
    import Logging
    import NIOSSL
    import Synchronization

    /// What becomes of a request to an endpoint that answers the handshake with something else than TLS.
    public struct Fallback: Sendable {
        /// Is told the host and port, once for each; nil where the request fails.
        let tell: (@Sendable (String) -> Void)?

        /// The request fails.
        public static let never = Fallback(tell: nil)

        /// The request goes in the clear; whoever is between the two can answer so, and then reads along: for development alone.
        ///
        /// - Parameter tell: is told the host and port, once for each, before the first such request is sent.
        public static func allowed(_ tell: @escaping @Sendable (_ host: String) -> Void) -> Fallback {
            Fallback(tell: tell)
        }

        /// The request goes in the clear, and a warning of `swift-log` says so, once for each host and port.
        public static let allowedWithWarning = Fallback.allowed { host in
            Logger(label: "countersign.client").warning(
                "an endpoint speaks no TLS, and requests to it go in the clear",
                metadata: ["host": .string(host)]
            )
        }

        /// Whether what came in the place of a handshake was no record of TLS; silence, an alert or a refusal are no such sign.
        static func isCalled(forBy error: any Error) -> Bool {
            guard case .handshakeFailed(.sslError(let stack)) = error as? NIOSSLError else { return false }
            return stack.contains { $0.description.hasPrefix("Error: \(wrongVersionNumber) ") }
        }

        /// What BoringSSL says of a record whose first bytes are none of TLS: ERR_LIB_SSL (16) and SSL_R_WRONG_VERSION_NUMBER (247).
        ///
        /// An error of NIOSSL tells its number by its description alone.
        private static let wrongVersionNumber: UInt32 = 16 << 24 | 247
    }

    /// Counts requests that went in the clear, and tells each host once.
    final class FallbackLedger: Sendable {
        private struct State {
            var count: UInt64 = 0
            var hosts: Set<String> = []
        }

        private let tell: @Sendable (String) -> Void
        private let state = Mutex(State())

        init(_ tell: @escaping @Sendable (String) -> Void) {
            self.tell = tell
        }

        /// How many requests there were.
        var count: UInt64 { state.withLock { $0.count } }

        /// Notes a request that is about to be sent.
        func note(_ host: String) {
            let isNew = state.withLock { state in
                state.count += 1
                // Who makes up hosts without end is told of again and again, and fills no memory.
                if state.hosts.count >= Self.maximumHosts { state.hosts = [] }
                return state.hosts.insert(host).inserted
            }
            if isNew { tell(host) }
        }

        private static let maximumHosts = 1_024
    }
#endif
