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
    private var peer: VerifiedPeer
    private var observation: IdentityObservation?
    private var end: Scheduled<Void>?
    private var renewal: Scheduled<Void>?

    /// Makes a watch; ``stop()`` ends it.
    ///
    /// - Parameters:
    ///   - peer: who was verified.
    ///   - verifier: judges again.
    ///   - edition: that of the client; nil where this process is the server.
    ///   - loop: the event loop of the connection, which the caller is on.
    ///   - refuse: ends the connection.
    init(
        _ peer: VerifiedPeer,
        _ verifier: PeerVerifier,
        edition: ClientEdition?,
        on loop: any EventLoop,
        refuse: @escaping (ChainRejection) -> Void
    ) {
        self.peer = peer
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
        switch verifier.verify(again: peer) {
        case .success(let peer):
            self.peer = peer
            end?.cancel()
            // No later than that, as the system's clock can be set.
            let left = max(.milliseconds(1), min(Self.interval, TimeAmount(verifier.timeLeft(ofVerdict: peer))))
            end = loop.scheduleTask(in: left) { self.judge() }
        case .failure(let rejection):
            stop()
            refuse(rejection)
        }
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
