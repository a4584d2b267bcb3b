/// What was put into a spool, and where it ends there.
package struct SpoolRecord: Sendable, Hashable {
    /// What was put in.
    package let payload: [UInt8]
    /// The place behind the record; once everything up to it has been dealt with, it can be acknowledged.
    package let end: SpoolPosition

    /// Makes a record.
    package init(payload: [UInt8], end: SpoolPosition) {
        self.payload = payload
        self.end = end
    }
}
