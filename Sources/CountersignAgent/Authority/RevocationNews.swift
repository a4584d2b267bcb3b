/// What the authority's feed says of revocations.
package enum RevocationNews: Sendable, Hashable {
    /// Everything that is in force.
    case all([RevokedSerial])
    /// One change.
    case change(RevokedSerial)
}
