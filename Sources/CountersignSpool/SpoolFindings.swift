/// What was found in a spool's files beside whole records.
package struct SpoolFindings: Sendable, Hashable {
    /// Records that were cut off by a crash; what there was of them has been removed.
    package var torn = 0
    /// Places with bytes that are no records; they have been passed over.
    package var gaps = 0
    /// The bytes of those places.
    package var lostBytes = 0
    /// Whether the file that says what has been delivered could not be read, so that all there is is delivered again.
    package var hasLostCursor = false

    /// Nothing but whole records.
    package init() {}

    /// Adds a place with bytes that are no records.
    mutating func addGap(bytes: Int) {
        gaps += 1
        lostBytes += bytes
    }
}
