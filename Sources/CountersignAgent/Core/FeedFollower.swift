import CountersignIssuance
package import CountersignTransport
package import Logging
import Synchronization

/// Listens to the authority for revocations, and for rotations that its operators want, on a thread of its own, again and
/// again.
package final class FeedFollower: Sendable {
    private let bell = SystemSemaphore()
    private let isStopped = Atomic<Bool>(false)
    private let client: HTTPAuthorityClient
    private let backoff = RetryBackoff(longest: 60_000)
    private let jitter: Jitter
    private let logger: Logger
    private let onEvent: @Sendable (AgentEvent) -> Void

    /// Begins to follow as soon as there is a certificate to call the authority with; the authority repeats what happened
    /// while the agent was away.
    ///
    /// - Parameters:
    ///   - client: calls the authority, and tells when it shows another certificate.
    ///   - hostName: spreads a fleet's attempts, so that not all come at once after an outage.
    ///   - logger: hears of each feed that ended, at level debug.
    ///   - onEvent: takes what is told, and that the agent is not accepted, on the follower's thread.
    /// - Throws: `SystemError` when no thread can be made.
    package init(
        _ client: HTTPAuthorityClient,
        hostName: String,
        logger: Logger,
        onEvent: @escaping @Sendable (AgentEvent) -> Void
    ) throws(SystemError) {
        self.client = client
        self.jitter = Jitter(naming: hostName, "feed")
        self.logger = logger
        self.onEvent = onEvent
        client.whenAnotherIsShown { [bell] in bell.signal() }
        try spawn(name: "feed") { [self] in run() }
    }

    /// Ends the thread after the attempt in hand.
    package func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        bell.signal()
    }

    private func run() {
        var position = FeedPosition()
        var failures = 0
        while !isStopped.load(ordering: .sequentiallyConsistent) {
            guard client.shownSerial != nil else {
                bell.wait()
                continue
            }
            failures = follow(&position, failures)
            let pause = backoff.pause(afterFailures: failures, remaining: 86_400_000, jitter: jitter)
            // Another certificate may be accepted where the last one was not.
            if bell.wait(upTo: .milliseconds(pause)) { failures = 0 }
        }
    }

    /// Follows until the feed ends.
    ///
    /// - Returns: how many attempts have failed in a row.
    private func follow(_ position: inout FeedPosition, _ failures: Int) -> Int {
        let before = position
        let shown = client.shownSerial
        do throws(AuthorityCallError) {
            try client.follow(&position, onEvent: onEvent)
        } catch {
            if error.code == .unauthorized, let shown { onEvent(.unaccepted(error, serial: shown)) }
            logger.debug("feed of the authority ended", metadata: ["reason": .string(error.message)])
        }
        // A feed that began has worked.
        return position == before ? failures + 1 : 1
    }
}
