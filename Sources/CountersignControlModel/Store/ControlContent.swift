/// All that a store of the control plane keeps.
package struct ControlContent: Sendable {
    /// What tells this numbering of versions from another one; random, made with the store.
    package var epoch: String
    /// The version of the whole: how many transactions there have been.
    package var version: Int64
    /// Every record, in any order.
    package var records: [ControlRecord]

    package init(epoch: String, version: Int64, records: [ControlRecord]) {
        self.epoch = epoch
        self.version = version
        self.records = records
    }
}
