import CountersignIssuance
package import CountersignTransport
package import Logging

/// Listens to the authority for revocations, and for rotations that its operators want, on a thread of its own, again and
/// again.
package final class FeedFollower: Sendable {
    private let stopped = Completion()

    /// Begins to follow; the authority repeats what happened while the agent was away.
    ///
    /// - Parameters:
    ///   - client: calls the authority.
    ///   - hostName: spreads a fleet's attempts, so that not all come at once after an outage.
    ///   - logger: hears when the feed cannot be followed.
    ///   - onEvent: takes what is told, and that the agent is not accepted, on the follower's thread.
    /// - Throws: `SystemError` when no thread can be made.
    package init(
        _ client: HTTPAuthorityClient,
        hostName: String,
        logger: Logger,
        onEvent: @escaping @Sendable (AgentEvent) -> Void
    ) throws(SystemError) {
        let stopped = self.stopped
        try spawn(name: "feed") {
            let backoff = RetryBackoff(longest: 60_000)
            let jitter = Jitter(naming: hostName, "feed")
            var position = FeedPosition()
            var failures = 0
            var pause = Int64(0)
            while !stopped.wait(upTo: .milliseconds(pause)) {
                let before = position
                let shown = client.shownSerial
                do throws(AuthorityCallError) {
                    try client.follow(&position, onEvent: onEvent)
                } catch {
                    // A feed that began has worked.
                    failures = position == before ? failures + 1 : 1
                    if error.code == .unauthorized, let shown { onEvent(.unaccepted(error, serial: shown)) }
                    logger.debug("feed of the authority ended", metadata: ["reason": .string(error.message)])
                }
                pause = backoff.pause(afterFailures: failures, remaining: 86_400_000, jitter: jitter)
            }
        }
    }

    /// Ends the thread after the attempt in hand.
    package func stop() {
        stopped.finish()
    }
}
