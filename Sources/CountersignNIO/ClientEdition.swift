package import CountersignService
import Synchronization

/// Which of its connections a client puts new requests on.
///
/// It grows when the own certificate or the authorities are exchanged, and when the certificate of a server that is connected nears its end: requests
/// then go over new connections, and those under way have the rest of the certificate's time to end where they are.
package final class ClientEdition: Sendable {
    private let source: IdentitySource
    private let renewals = Atomic<UInt64>(0)

    /// Makes the edition of a client with an identity.
    package init(_ source: IdentitySource) {
        self.source = source
    }

    /// Grows with each edition.
    package var number: UInt64 { source.handshakeGeneration &+ renewals.load(ordering: .acquiring) }

    /// Begins another edition, unless one has been begun since the one with that number.
    func renew(_ known: UInt64) {
        if number == known { renewals.add(1, ordering: .acquiringAndReleasing) }
    }
}
