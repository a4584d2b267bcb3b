/// Lists that serial numbers are looked up in where the certificate, and so its issuer, is not known.
///
/// A serial number is revoked when any list has it. When one of them is not current, nobody knows of any other serial
/// number whether it is revoked. All lists count, also several of one issuer, each of which may be about a part of its
/// certificates.
package struct RevokedSerials: Sendable {
    /// What the lists say of a serial number.
    package enum Standing: Sendable, Hashable {
        /// No list has it, and all are current.
        case good
        /// A list has it.
        case revoked
        /// A list is past its next update, has none, or is from the future.
        case unknown
    }

    private let lists: [RevocationList]
    private let serials: Set<SerialNumber>

    /// Takes the lists; without any, every serial number is good.
    package init(_ lists: [RevocationList] = []) {
        self.lists = lists
        self.serials = Set(lists.flatMap { $0.entries.keys.map { SerialNumber($0) } })
    }

    /// What the lists say of a serial number at a time, in Unix seconds.
    package func standing(of serial: SerialNumber, atUnixSeconds now: Int64) -> Standing {
        if self.serials.contains(serial) { return .revoked }
        return self.lists.allSatisfy { $0.faultOfTime(now) == nil } ? .good : .unknown
    }
}
