import CountersignIssuance

/// A renewal rule as it is written in JSON: `{"at_fraction":0.5}` or `{"before_secs":86400}`.
struct WireRenewalRule: Codable {
    var at_fraction: Double?
    var before_secs: Int64?

    init(_ rule: RenewalRule) {
        switch rule {
        case .fraction(let fraction): at_fraction = fraction
        case .before(let seconds): before_secs = seconds
        }
    }

    /// The rule; nil when the object says neither, or something that is no time within a lifetime.
    var rule: RenewalRule? {
        switch (at_fraction, before_secs) {
        case (let fraction?, nil) where fraction > 0 && fraction < 1: .fraction(fraction)
        case (nil, let seconds?) where seconds > 0: .before(seconds: seconds)
        default: nil
        }
    }
}
