import CountersignControlModel

/// What a change comes to, once it was found possible.
struct ControlEdit<Value: Sendable>: Sendable {
    /// Records that are new or changed.
    var puts: [ControlRecord] = []
    /// Records that go.
    var deletes: [ControlRecord.Key] = []
    /// What the audit trail names as changed.
    var target: String
    /// What else the audit trail says.
    var detail = ""
    /// What the caller is told.
    var value: Value
}

/// What a change is worked out from.
struct EditContext: Sendable {
    /// Everything as it is.
    let state: ControlState
    /// The time in Unix seconds.
    let now: Int64
    /// The version that the change makes.
    let version: Int64
    let makeGUID: @Sendable () -> String

    /// The header of a new record.
    func header(guid: String? = nil) -> RecordHeader {
        RecordHeader(guid: guid ?? makeGUID(), createdAt: now, updatedAt: now, order: version)
    }
}
