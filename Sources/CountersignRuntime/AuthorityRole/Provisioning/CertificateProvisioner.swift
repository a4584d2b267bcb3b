import CountersignAuthority
import CountersignIssuance
import CountersignTransport
import Synchronization

/// Runs the provisioning of certificates on a thread of its own: at an interval, when one is due, when one is revoked,
/// and when an operator wants one renewed.
final class CertificateProvisioner: Sendable {
    private struct State {
        var demanded: Set<String> = []
        /// The certificates that there are; nil while that may change.
        var serials: Set<String>?
        var isStopped = false
    }

    private let state = Mutex(State())
    private let wake = SystemSemaphore()
    private let ended = Completion()

    /// How long the start waits for the first certificates.
    private static let patience = Duration.seconds(10)

    /// Provisions every service once, then goes on in the background, where it also ends what takes long, such as while
    /// an outside CA does not answer.
    ///
    /// - Parameters:
    ///   - revocations: tells of those of certificates that are kept.
    ///   - interval: how often every service is looked at, whether or not one is due.
    ///   - clock: Unix milliseconds.
    /// - Throws: ``SystemError`` when no thread can be made.
    init(
        _ provisioning: sending CertificateProvisioning,
        revocations: RevocationBook,
        every interval: Duration,
        clock: @escaping @Sendable () -> Int64
    ) throws(SystemError) {
        let work = Mutex(provisioning)
        let provisioned = Completion()
        _ = revocations.add { [weak self] events, _ in self?.take(events) }
        try spawn(name: "provisioning") { [self] in
            var next = sweep(work)
            provisioned.finish()
            while wait(until: next, every: interval, clock) {
                next = sweep(work)
            }
            ended.finish()
        }
        _ = provisioned.wait(upTo: Self.patience)
    }

    /// Has the certificate of a service renewed now.
    func renew(_ service: String) {
        state.withLock { _ = $0.demanded.insert(service) }
        wake.signal()
    }

    /// Ends the thread after the work in hand, and waits for it.
    func stop() {
        state.withLock { $0.isStopped = true }
        wake.signal()
        _ = ended.wait(upTo: .seconds(10))
    }

    /// Wakes the thread when one of its certificates is among what was revoked, held or released.
    private func take(_ events: [RevocationEvent]) {
        let isConcerned = state.withLock { state in
            state.serials.map { serials in events.contains { serials.contains($0.serial) } } ?? true
        }
        if isConcerned { wake.signal() }
    }

    private func sweep(_ work: borrowing Mutex<CertificateProvisioning>) -> Int64 {
        let demanded = state.withLock { state in
            state.serials = nil
            defer { state.demanded = [] }
            return state.demanded
        }
        return work.withLock { provisioning in
            let next = provisioning.sweep(demanded: demanded)
            let serials = provisioning.serials
            state.withLock { $0.serials = serials }
            return next
        }
    }

    /// - Returns: whether to go on.
    private func wait(until next: Int64, every interval: Duration, _ clock: () -> Int64) -> Bool {
        let untilDue = Duration.milliseconds(max(next == .max ? .max : next - clock(), 100))
        _ = wake.wait(upTo: min(interval, untilDue))
        return state.withLock { !$0.isStopped }
    }
}
