import CountersignHTTP1
import CountersignIdentity
import CountersignPolicy
import CountersignTLS
import CountersignTelemetry
import CountersignTransport
import Logging

/// A workload's tunnel to a host of a domain is for TLS with that host: the routers serve every domain on one port, so that a
/// handshake with another name would be a call that the rules were not asked about.
extension Exchange {
    /// The host that the tunnel's TLS handshake has to name; `nil` where what is inside is looked at by nobody.
    var expectedServer: HostName? {
        guard let call, call.kind == .tunnel, call.way != .other else { return nil }
        return call.host
    }

    /// Whether the first bytes of the tunnel are a ClientHello for the host that it was opened to.
    ///
    /// Until that is known they stay where they are, no more of them than a ClientHello may have. A tunnel that is for
    /// something else is cut.
    ///
    /// - Returns: whether bytes may be passed on.
    func holdsServerName(_ bytes: ByteQueue) -> Bool {
        guard let expected = tunnel.expectedServer else { return true }
        let hello = unsafe Span<UInt8>(_unsafeBytes: bytes.readable)
        // Told bit by bit, a ClientHello is looked at again only when it can be complete.
        guard hello.count == 0 || hello[0] != Self.handshakeRecord || hello.count >= ClientHelloPeek.leastLength(hello)
        else { return false }
        switch ClientHelloPeek.inspect(hello) {
        case .needMore: return false
        case .clientHello(let name):
            guard let name, HostName(serverName: name.span) == expected else {
                refuseTunnel(.tunnelServerName)
                return false
            }
            tunnel.expectedServer = nil
            client?.setRequestDeadline(worker.timeouts.tunnelIdle)
            return true
        case .notTLS, .otherRecord, .malformed:
            refuseTunnel(.tunnelNotTLS)
            return false
        }
    }

    /// Cuts a tunnel that turned out to be for something else than it was opened for; counted and logged.
    func refuseTunnel(_ error: RouterError) {
        guard let call, let plan = worker.snapshot.egress else { return }
        plan.metrics.calls.child("domain", "tunnel", error.label.description).add()
        if worker.takeRefusalLogTurn() {
            worker.logger.info(
                "tunnel cut",
                metadata: [
                    "reason": .string(error.label.description),
                    "explanation": .string(error.detail.description),
                    "workload": .string(call.workload.name),
                    "host": .string(call.host.description),
                ]
            )
        }
        refuse(error)
    }

    private static let handshakeRecord: UInt8 = 22
}
