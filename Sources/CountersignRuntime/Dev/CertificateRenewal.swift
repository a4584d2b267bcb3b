import CountersignTransport

/// Runs a renewal at a fixed interval on a thread of its own until it is stopped.
final class CertificateRenewal: Sendable {
    private let stopped = Completion()

    /// - Parameter renew: what it throws is told on standard error, and tried again at the next interval.
    init(every interval: Duration, renew: @escaping @Sendable () throws -> Void) throws(SystemError) {
        let stopped = self.stopped
        try spawn(name: "renewal") {
            while !stopped.wait(upTo: interval) {
                do { try renew() } catch { Console.complain("cannot renew certificates: \(error)") }
            }
        }
    }

    func stop() {
        stopped.finish()
    }
}
