/// What ``XFCCWriter`` tells of a certificate beyond its hash and subject.
public struct XFCCDetails: OptionSet, Sendable, Hashable {
    /// The set as bits.
    public let rawValue: UInt8

    /// Makes a set from its bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The certificate in percent-coded PEM.
    public static let certificate = XFCCDetails(rawValue: 1)
    /// The certificate and its issuers in percent-coded PEM.
    public static let chain = XFCCDetails(rawValue: 2)
    /// The URI names.
    public static let uri = XFCCDetails(rawValue: 4)
    /// The DNS names.
    public static let dns = XFCCDetails(rawValue: 8)
}
