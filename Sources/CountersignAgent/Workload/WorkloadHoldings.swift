import CountersignIdentity
import CountersignPKI

/// What the agent has for the workloads of its host at one moment.
package struct WorkloadHoldings: Sendable {
    /// What there is for one service.
    package enum Holding: Sendable {
        /// A certificate that is good.
        case held(HeldIdentity)
        /// None yet, or one that has expired: it is being asked for.
        case pending
        /// One that was revoked or is on hold.
        case withdrawn
    }

    /// By the names of the services.
    package var services: [String: Holding] = [:]
    /// The authorities of the agent's trust domain in DER.
    package var authoritiesDER: [[UInt8]] = []
    /// Revocation lists in DER.
    package var revocationLists: [[UInt8]] = []

    /// Nothing.
    package init() {}

    /// The agent's trust domain; nil while there is no certificate to tell it.
    var trustDomain: TrustDomain? {
        for case .held(let identity) in services.values {
            if let id = identity.spiffeID { return id.trustDomain }
        }
        return nil
    }

    /// The authorities in DER one after the other.
    var bundle: [UInt8] { authoritiesDER.flatMap(\.self) }

    /// What tells these holdings from others, without a look at keys.
    var fingerprint: [[UInt8]] {
        var parts = services.sorted { $0.key < $1.key }.flatMap { name, holding -> [[UInt8]] in
            switch holding {
            case .held(let identity): [Array(name.utf8), identity.leaf.sha256]
            case .pending: [Array(name.utf8), Array("pending".utf8)]
            case .withdrawn: [Array(name.utf8), Array("withdrawn".utf8)]
            }
        }
        parts += authoritiesDER + [[]] + revocationLists
        return parts
    }
}
