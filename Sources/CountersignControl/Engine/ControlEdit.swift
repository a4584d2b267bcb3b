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
    /// The lines of the audit trail, where there is one for each of several changes; else `target` and `detail` make one.
    var trail: [TrailLine] = []
    /// What the caller is told.
    var value: Value
}

/// What the audit trail says of one of several changes.
struct TrailLine: Sendable {
    let action: String
    let target: String
    let detail: String
}

/// What a change is worked out from.
struct EditContext: Sendable {
    /// Everything as it is, or as earlier changes of the same transaction leave it.
    var state: ControlState
    /// The time in Unix seconds.
    let now: Int64
    /// The version that the change makes.
    let version: Int64
    let settings: ControlSettings

    /// Makes a GUID.
    func makeGUID() -> String { settings.makeGUID() }

    /// The header of a new record.
    func header(guid: String? = nil) -> RecordHeader {
        RecordHeader(guid: guid ?? makeGUID(), createdAt: now, updatedAt: now, order: version)
    }
}
