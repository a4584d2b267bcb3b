import CountersignTLS
import CountersignTelemetry
import CountersignTransport
import Logging

extension UpstreamPool {
    /// A new connection to an endpoint over TLS, or in plain text while the endpoint is known to speak nothing else.
    func openSecure(_ security: UpstreamSecurity) -> UpstreamConnection? {
        if fallsBackUntil > worker.loop.now,
            let permission = PlaintextPermission(insteadOf: security, after: .notTLS)
        {
            return openPlain(permission, security)
        }
        return UpstreamConnection(worker: worker, pool: self)
    }

    /// A connection in plain text in place of one over TLS; each carries one request, and each is counted.
    func openPlain(_ permission: PlaintextPermission, _ security: UpstreamSecurity) -> UpstreamConnection? {
        worker.countFallback(self, security)
        return UpstreamConnection(worker: worker, pool: self, inPlainText: permission)
    }

    /// The endpoint does not speak TLS: for a while no request waits for another proof of that.
    func rememberFallback() {
        fallsBackUntil = worker.loop.now &+ Self.fallbackSeconds &* 1_000_000_000
    }

    /// What is remembered of the endpoint counts no more: the router's identity, or what it asks for, has changed.
    func forgetFailures() {
        forgetHealth()
        fallsBackUntil = 0
    }

    /// A session to resume under this edition of the identity, if there is one.
    func takeResumption(edition: UInt64) -> TLSResumption? {
        guard edition == resumptionEdition else {
            resumptions = []
            return nil
        }
        guard let newest = resumptions.last else { return nil }
        if newest.isSingleUse { resumptions.removeLast() }
        return newest
    }

    /// Keeps what the endpoint gave for resuming a session of that edition.
    func keep(_ resumption: TLSResumption, edition: UInt64) {
        guard edition == presented.edition else { return }
        if edition != resumptionEdition {
            resumptions = []
            resumptionEdition = edition
        }
        if resumptions.count == Self.mostResumptions { resumptions.removeFirst() }
        resumptions.append(resumption)
    }

    /// Looks whether the identity was exchanged; if so, retires what was opened under the one before.
    func followIdentity() {
        let edition = presented.edition
        guard edition != followedEdition else { return }
        followedEdition = edition
        forgetFailures()
        closeReplaced(edition: edition)
    }

    /// Closes the idle connections that were opened under another edition of the identity.
    private func closeReplaced(edition: UInt64) {
        for connection in idle where connection.edition != edition {
            worker.countUpstreamRetirement(.identityReplaced)
            connection.close()
        }
        for connection in shared where connection.state == .idle && connection.edition != edition {
            worker.countUpstreamRetirement(.identityReplaced)
            connection.close()
        }
    }

    private static let fallbackSeconds: UInt64 = 30
    private static let mostResumptions = 4
}
