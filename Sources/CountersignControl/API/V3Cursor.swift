import CountersignControlModel

/// A place in a list that is ordered by creation, between the records that are there and those that are not any more.
struct V3Cursor: Hashable {
    private let createdAt: Int64
    private let order: Int64
    private let guid: String

    /// Before everything.
    static let start = V3Cursor(createdAt: .min, order: .min, guid: "")

    /// After a record.
    init(_ header: RecordHeader) {
        self.init(createdAt: header.createdAt, order: header.order, guid: header.guid)
    }

    private init(createdAt: Int64, order: Int64, guid: String) {
        self.createdAt = createdAt
        self.order = order
        self.guid = guid
    }

    /// Reads what ``text`` has made.
    init?(_ text: String) {
        let parts = text.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let createdAt = Int64(parts[0]), let order = Int64(parts[1]) else { return nil }
        self.init(createdAt: createdAt, order: order, guid: String(parts[2]))
    }

    /// The place in characters that a query takes as they are.
    var text: String { "\(createdAt)_\(order)_\(guid)" }

    /// Whether a record comes after this place.
    func isBefore(_ header: RecordHeader) -> Bool {
        (createdAt, order, guid) < (header.createdAt, header.order, header.guid)
    }
}
