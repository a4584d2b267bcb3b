/// What was found in a spool's folder beside whole records and what belongs to them.
package struct SpoolFindings: Sendable, Hashable {
    /// The last record, when a crash had cut it off; what there was of it has been removed.
    package var torn = 0
    /// Whether what has been delivered is not known, so that all there is is delivered again.
    package var hasLostCursor = false
    /// Files that are not what their names say: each with the reason, and the name under which it is now.
    package var setAside: [String] = []
    /// The permissions of the folder, when others than its owner had any; they have none now.
    package var openMode: String?

    /// Nothing but whole records.
    package init() {}
}
