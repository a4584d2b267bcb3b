import CountersignPKI
import CountersignService
import NIOCore

/// Looks after a connection from the end of its handshake on; works on the connection's event loop alone.
///
/// The peer is judged again at once when the bundle or the revocation lists change, and when a certificate or a list that it relies
/// upon ends.
final class PeerWatch {
    private let verifier: PeerVerifier
    private let loop: NIOIsolatedEventLoop
    private let edition: ClientEdition?
    private let refuse: (ChainRejection) -> Void
    private let peer: VerifiedPeer
    private let standing: StandingPeer
    private var observation: IdentityObservation?
    private var end: Scheduled<Void>?
    private var renewal: Scheduled<Void>?

    /// Makes a watch; ``stop()`` ends it.
    ///
    /// - Parameters:
    ///   - peer: who was verified.
    ///   - standing: the same, and the verdict of the moment.
    ///   - verifier: judges again.
    ///   - edition: that of the client; nil where this process is the server.
    ///   - loop: the event loop of the connection, which the caller is on.
    ///   - refuse: ends the connection.
    init(
        _ peer: VerifiedPeer,
        _ standing: StandingPeer,
        _ verifier: PeerVerifier,
        edition: ClientEdition?,
        on loop: any EventLoop,
        refuse: @escaping (ChainRejection) -> Void
    ) {
        self.peer = peer
        self.standing = standing
        self.verifier = verifier
        self.edition = edition
        self.loop = loop.assumeIsolated()
        self.refuse = refuse
    }

    /// Begins to watch.
    func start() {
        let loop = loop.nonisolated()
        let bound = NIOLoopBound(self, eventLoop: loop)
        observation = verifier.observe { loop.execute { bound.value.judge() } }
        scheduleRenewal()
        // What changed before the observation began is not told of.
        judge()
    }

    /// Ends the watch.
    func stop() {
        observation?.cancel()
        observation = nil
        end?.cancel()
        renewal?.cancel()
    }

    private func judge() {
        guard observation != nil else { return }
        switch standing.judge() {
        case .success(let peer):
            end?.cancel()
            let pause = Self.pause(of: TimeAmount(verifier.timeLeft(ofVerdict: peer)))
            end = loop.scheduleTask(in: pause) { self.judge() }
        case .failure(let rejection):
            stop()
            refuse(rejection)
        }
    }

    /// When to judge again, if nothing changes before: no later than in half a minute, as the system's clock can be set.
    ///
    /// - Parameter left: how long the verdict counts.
    static func pause(of left: TimeAmount) -> TimeAmount {
        // A verdict that relied upon an older list beside a newer one is over already.
        if left <= .zero { return .seconds(1) }
        // Connections that began together are not looked at together for ever.
        return min(left, .nanoseconds(.random(in: interval.nanoseconds * 2 / 3...interval.nanoseconds)))
    }

    /// A server that renews its certificate in time has another one when half of what is left of this one is over.
    private func scheduleRenewal() {
        let left = TimeAmount(verifier.timeLeft(ofCertificate: peer))
        guard let edition, left > Self.leastLeft else { return }
        let known = edition.number
        renewal = loop.scheduleTask(in: .nanoseconds(left.nanoseconds / 2)) { edition.renew(known) }
    }

    private static let interval = TimeAmount.seconds(30)
    private static let leastLeft = TimeAmount.seconds(2)
}
