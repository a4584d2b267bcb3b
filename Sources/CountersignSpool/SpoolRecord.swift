/// What stands at a place of a spool, and where it ends there.
package struct SpoolRecord: Sendable, Hashable {
    /// What was found.
    package enum Content: Sendable, Hashable {
        /// What was put in.
        case whole([UInt8])
        /// A record that is damaged, or bytes in the place of one.
        case damaged
    }

    /// What was found.
    package let content: Content
    /// How many bytes of the segment it takes.
    package let length: Int
    /// The place behind the record; once everything up to it has been dealt with, it can be acknowledged.
    package let end: SpoolPosition

    /// Whether what was put in could be read.
    package var isWhole: Bool { content != .damaged }

    /// Makes a record.
    package init(content: Content, length: Int, end: SpoolPosition) {
        self.content = content
        self.length = length
        self.end = end
    }
}
