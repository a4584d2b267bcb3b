/// What every record of the control plane has.
package struct RecordHeader: Sendable, Hashable {
    /// What identifies the record among those of its kind; it never changes.
    package var guid: String
    /// When it was made, in Unix seconds.
    package var createdAt: Int64
    /// When it was changed last, in Unix seconds.
    package var updatedAt: Int64
    /// The version of the whole that it was made in; orders records that were made within one second.
    package var order: Int64

    package init(guid: String, createdAt: Int64, updatedAt: Int64, order: Int64) {
        self.guid = guid
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.order = order
    }
}
