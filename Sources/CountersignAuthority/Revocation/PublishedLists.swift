/// The revocation lists of one issuer that are served.
package struct PublishedLists: Sendable {
    /// The number of both.
    package let number: Int64
    /// When they were signed, in Unix seconds.
    package let thisUpdate: Int64
    /// Until when they may be relied upon, in Unix seconds.
    package let nextUpdate: Int64
    /// How many certificates the base list names.
    package let count: Int
    /// The base list in DER.
    package let full: [UInt8]
    /// The delta list in DER: what changed since its base list, one of the last interval; with the first list of a run,
    /// nothing.
    package let delta: [UInt8]
}
