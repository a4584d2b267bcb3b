import CountersignAuthentication
import CountersignIdentity
import CountersignPKI
import Glibc
import Synchronization

/// Judges who makes a request, by its token and its certificate: the same checks, in the same order, as `countersign authz`.
///
/// It does no I/O and knows no server framework; an adapter makes an ``InboundCall`` of what the framework has, and an answer of
/// what comes back.
public final class InboundAuthentication: Sendable {
    private let state: Mutex<State>

    /// What is in force.
    private struct State {
        var authenticator: InboundAuthenticator
        var warnings: [String]

        init(_ configuration: InboundConfiguration) throws(InboundConfigurationError) {
            var warnings: [String] = []
            let now = Int64(Glibc.time(nil))
            let settings = try InboundSettings(configuration, atUnixSeconds: now, warnings: &warnings)
            self.authenticator = InboundAuthenticator(settings)
            self.warnings = warnings
        }
    }

    /// Checks a configuration, and reads the files that it names.
    ///
    /// - Parameter configuration: what requests are judged by.
    /// - Throws: ``InboundConfigurationError``.
    public init(_ configuration: InboundConfiguration) throws(InboundConfigurationError) {
        state = Mutex(try State(configuration))
    }

    /// What the operator should know of the configuration in force, though it can be used: each is one sentence for the log.
    public var warnings: [String] { state.withLock { $0.warnings } }

    /// Puts another configuration in force, between two requests; when anything is wrong with it, the one before stays.
    ///
    /// The files that it names are read anew, and newer revocation lists count from then on. ``TokenKeys`` are exchanged without
    /// this.
    ///
    /// - Parameter configuration: what requests are judged by from now on.
    /// - Throws: ``InboundConfigurationError``.
    public func replace(_ configuration: InboundConfiguration) throws(InboundConfigurationError) {
        let next = try State(configuration)
        state.withLock { $0 = next }
    }

    /// Judges a request.
    ///
    /// - Parameter call: the request.
    /// - Returns: who makes it, or why it is refused, and what is to be kept of that.
    public func authenticate(
        _ call: InboundCall
    ) -> (result: Result<InboundCaller, InboundRefusal>, audit: InboundAudit) {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        let request = InboundRequest(
            peer: call.address ?? Self.nobody,
            method: call.method,
            host: call.host,
            target: call.target,
            client: try? call.client?.get(),
            shownCertificate: call.shown?.leafDER,
            values: call.values
        )
        let verdict = state.withLock { $0.authenticator }
            .authenticate(request, atUnixMilliseconds: Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000)
        switch verdict.result {
        case .success(let authenticated):
            return (.success(InboundCaller(authenticated)), InboundAudit(verdict, nil))
        case .failure(let refusal):
            let refusal = Self.explained(refusal, call.client)
            return (.failure(InboundRefusal(refusal)), InboundAudit(verdict, refusal))
        }
    }

    /// Whether a header field tells of a certificate and nobody whose word counts has written it: what comes behind this check should
    /// not see it.
    ///
    /// A trusted proxy writes one of these headers, and is trusted to remove the others from what clients send.
    ///
    /// - Parameters:
    ///   - name: the field's name; one that some servers read as the same, such as with `_` for `-`, counts as well.
    ///   - address: the address at the other end of the connection; nil where it has none.
    public func isForeign(_ name: String, from address: IPAddress?) -> Bool {
        let settings = state.withLock { $0.authenticator.settings }
        guard !settings.proxies.contains(address ?? Self.nobody) else { return false }
        let folded = FoldedHeaderName(name)
        return Self.certificateHeaders.contains(folded) || folded == FoldedHeaderName(settings.reader.headerName)
    }

    private static let certificateHeaders = Set(CertificateFormat.allHeaderNames.map(FoldedHeaderName.init))

    /// A certificate that was good in the handshake and is so no more is not missing.
    private static func explained(
        _ refusal: AuthenticationRefusal,
        _ client: Result<VerifiedPeer, ChainRejection>?
    ) -> AuthenticationRefusal {
        guard refusal.code == .certificateMissing, case .failure(let rejection) = client else { return refusal }
        return switch rejection.code {
        case .expired: AuthenticationRefusal(.certificateExpired, "the certificate, or one above it, has expired")
        case .revoked: AuthenticationRefusal(.certificateRevoked, "the certificate was revoked")
        default:
            AuthenticationRefusal(
                .certificateUntrusted,
                "the certificate is no longer trusted here (\(rejection.metricLabel))"
            )
        }
    }

    /// The address of a connection that has none.
    private static let nobody = IPAddress(v4: 0)
}
