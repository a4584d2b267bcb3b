import CountersignPKI

/// When a bundle endpoint is asked again, and what of its answers is older than what is known.
///
/// It reads no clock.
struct FederationSchedule: Sendable {
    /// The seconds between two looks that the configuration wants; nil for what bundles say.
    let wanted: Int64?
    private var failures = 0
    private var sequence: Int64?

    init(wanted: Int64?) {
        self.wanted = wanted
    }

    /// Takes note of a bundle.
    ///
    /// - Returns: the seconds until the next look.
    /// - Throws: ``BundleError`` when the publisher had a newer one before: an old answer must not bring back an authority
    ///   that was taken out.
    mutating func took(_ bundle: SPIFFEBundle) throws(BundleError) -> Int64 {
        if let known = sequence, let next = bundle.sequence, next < known {
            throw BundleError("the bundle has the sequence \(next), and \(known) was there before")
        }
        sequence = bundle.sequence ?? sequence
        failures = 0
        return wanted ?? min(max(bundle.refreshHintSeconds ?? Self.usual, Self.shortest), Self.longest)
    }

    /// Takes note of a look that brought nothing.
    ///
    /// - Returns: the seconds until the next one: 1, doubled with each failure up to a minute.
    mutating func failed() -> Int64 {
        defer { failures += 1 }
        return min(Int64(1) << min(Int64(failures), 6), 60)
    }

    private static let usual: Int64 = 300
    private static let shortest: Int64 = 10
    private static let longest: Int64 = 3_600
}
