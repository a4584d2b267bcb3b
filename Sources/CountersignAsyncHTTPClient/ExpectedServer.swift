#if AsyncHTTPClient
    public import CountersignService

    /// Who the servers that a client calls have to be.
    public struct ExpectedServer: Sendable, Hashable {
        let requirement: PeerRequirement
        let checksHostName: Bool

        /// Whoever has a certificate of the trust bundle for the host of the URL.
        public static let hostOfURL = ExpectedServer(requirement: .anyone, checksHostName: true)

        /// Whoever fits, whatever the host of the URL: a SPIFFE ID most of all.
        ///
        /// - Parameter requirement: who the server has to be.
        public static func peer(_ requirement: PeerRequirement) -> ExpectedServer {
            ExpectedServer(requirement: requirement, checksHostName: false)
        }
    }
#endif
