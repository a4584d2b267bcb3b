import CountersignIssuance

extension StoreChange {
    /// Whether the state of the store can make it impossible.
    var canBeRejected: Bool {
        switch self {
        case .compromiseKey, .putService, .putAgent, .requestRotation, .audit: false
        default: true
        }
    }

    /// About how many bytes it takes in the log.
    var estimatedBytes: Int {
        guard case .issue(let record) = self else { return 256 }
        return record.names.reduce(record.der.count + record.subject.utf8.count + 512) { $0 + $1.utf8.count }
    }
}
