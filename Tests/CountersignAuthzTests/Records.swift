import CountersignAuthentication
import CountersignIdentity
import CountersignTelemetry
import Logging
import Synchronization

@testable import CountersignAuthz

/// A judge of callers that a TLS terminator names, and what it has kept and counted.
final class Records: Sendable {
    let registry = MetricsRegistry()
    private let kept = Mutex<[AuditEvent]>([])
    private let isKeeping = Mutex(true)

    /// The events so far.
    var events: [AuditEvent] { kept.withLock { $0 } }

    /// Whether events find a place from now on.
    func keep(_ isKeeping: Bool) { self.isKeeping.withLock { $0 = isKeeping } }

    /// The judge; it trusts loopback.
    func judge() throws -> AuthzJudge {
        let reader = ForwardedCertificateReader(headerName: "X-Client-Cert-Subject", format: .terminator)
        var settings = InboundSettings(mode: .mtlsOnly, reader: reader)
        settings.proxies = TrustedProxies([try CIDRBlock(parsing: "127.0.0.0/8")])
        return AuthzJudge(
            InboundAuthenticator(settings),
            metrics: AuthzMetrics(registry: registry),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: { 1_800_000_000_000 },
            record: { [self] event in
                guard isKeeping.withLock({ $0 }) else { return false }
                kept.withLock { $0.append(event) }
                return true
            }
        )
    }

    /// The value of a sample, named with its labels.
    func metric(_ name: String) -> String? {
        String(decoding: registry.render(), as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("\(name) ") }.map { String($0.dropFirst(name.utf8.count + 1)) }
    }
}
