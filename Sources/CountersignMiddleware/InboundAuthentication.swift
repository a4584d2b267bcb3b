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
            client: call.client,
            shownCertificate: call.shown?.leafDER,
            values: call.values
        )
        let verdict = state.withLock { $0.authenticator }
            .verdict(
                on: request,
                fieldNames: call.fieldNames,
                atUnixMilliseconds: Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
            )
        switch verdict.result {
        case .success(let authenticated):
            return (.success(InboundCaller(authenticated)), InboundAudit(verdict, nil))
        case .failure(let refusal):
            return (.failure(InboundRefusal(refusal)), InboundAudit(verdict, refusal))
        }
    }

    /// Whether a header field tells who calls or of a certificate and nobody whose word counts has written it: what comes behind this
    /// check should not see it.
    ///
    /// A trusted proxy writes some of these headers, and is trusted to remove the others from what clients send. Its requests are
    /// refused where one has a name that only some servers read as such a header's.
    ///
    /// - Parameters:
    ///   - name: the field's name; one that some servers read as the same, such as with `_` for `-`, counts as well.
    ///   - address: the address at the other end of the connection; nil where it has none.
    public func isForeign(_ name: String, from address: IPAddress?) -> Bool {
        let settings = state.withLock { $0.authenticator.settings }
        guard !settings.proxies.contains(address ?? Self.nobody) else { return false }
        return HeaderNames.tellsOfCaller(name, reader: settings.reader)
    }

    /// The address of a connection that has none.
    private static let nobody = IPAddress(v4: 0)
}

extension InboundAuthenticator {
    /// Judges a request by the names of its header fields, and then by what they say.
    fileprivate func verdict(
        on request: InboundRequest,
        fieldNames: [String],
        atUnixMilliseconds now: Int64
    ) -> InboundVerdict {
        // What anybody else writes reaches nothing behind this check, whatever its spelling.
        guard settings.proxies.contains(request.peer),
            let refused = refuseDisguised(request, fieldNames: fieldNames, atUnixMilliseconds: now)
        else { return authenticate(request, atUnixMilliseconds: now) }
        return refused
    }
}
