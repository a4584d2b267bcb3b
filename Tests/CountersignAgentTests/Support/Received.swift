import CountersignAgent
import Synchronization

/// The last of what was published for workloads.
final class Received: Sendable {
    private let holdings = Mutex<WorkloadHoldings?>(nil)

    var last: WorkloadHoldings? { holdings.withLock { $0 } }

    func take(_ value: WorkloadHoldings) {
        holdings.withLock { $0 = value }
    }
}
