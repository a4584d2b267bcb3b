import CountersignIssuance

/// How a service is served with the certificate that this process keeps for it; a label of metrics.
enum KeptState: String, CaseIterable {
    case absent
    case good
    case late
    case endangered
    case expired
    /// Revoked for good, and not replaced yet.
    case revoked
    /// Suspended until it is released.
    case held

    /// What the course of renewals says.
    init(_ health: RenewalHealth) {
        switch health {
        case .absent: self = .absent
        case .good: self = .good
        case .late: self = .late
        case .endangered: self = .endangered
        case .expired: self = .expired
        }
    }
}
