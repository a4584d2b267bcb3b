package import CountersignTLS
import Synchronization

/// The router's own certificate, with its key, as upstreams see it.
package struct UpstreamIdentity: Sendable {
    /// The chain and its key.
    package var identity: TLSIdentity
    /// The last second at which the certificate is valid, in Unix seconds.
    package var notAfter: Int64

    package init(identity: TLSIdentity, notAfter: Int64) {
        self.identity = identity
        self.notAfter = notAfter
    }
}

/// The identity that connections to upstreams are opened with, exchanged as a whole while they go on.
///
/// Each exchange begins a new edition. A connection is of the edition that it was opened under: one of another serves
/// its request to the end, and no further one.
package final class UpstreamIdentityHolder: Sendable {
    private let current: Mutex<UpstreamIdentity?>
    private let number = Atomic<UInt64>(0)

    /// Takes the first identity; `nil` when the router has none.
    package init(_ identity: UpstreamIdentity? = nil) {
        self.current = Mutex(identity)
    }

    /// Has new connections opened with another identity, or with none.
    ///
    /// What is presented already changes nothing.
    package func replace(_ identity: UpstreamIdentity?) {
        current.withLock { held in
            guard held?.identity.certificateChain != identity?.identity.certificateChain else { return }
            held = identity
            number.add(1, ordering: .releasing)
        }
    }

    /// A number that every exchange changes.
    var edition: UInt64 { number.load(ordering: .acquiring) }

    /// The identity with its edition.
    var presented: (identity: UpstreamIdentity?, edition: UInt64) {
        current.withLock { ($0, number.load(ordering: .relaxed)) }
    }
}
