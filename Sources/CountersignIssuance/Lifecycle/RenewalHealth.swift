/// How well a holder is served with its certificate.
package enum RenewalHealth: String, Sendable, CaseIterable {
    /// It has had none yet.
    case absent
    /// Valid, and renewed in time so far.
    case good
    /// Valid for a good while, but renewing has failed.
    case late
    /// Little of its lifetime is left.
    case endangered
    /// Not valid any more.
    case expired

    /// Whether the holder cannot do its work, or is about to be unable to.
    package var isAlarming: Bool {
        switch self {
        case .good, .late: false
        case .absent, .endangered, .expired: true
        }
    }
}
