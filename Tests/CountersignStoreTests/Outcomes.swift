import CountersignIssuance
import Foundation
import Synchronization

/// Collects the results of transactions, for one who waits until there are enough.
final class Outcomes: Sendable {
    private let arrived = DispatchSemaphore(value: 0)
    private let results = Mutex<[Int: StoreError.Code?]>([:])

    func add(_ number: Int, _ result: Result<StoreReceipt, StoreError>) {
        self.results.withLock { results in
            switch result {
            case .success: results[number] = .some(nil)
            case .failure(let error): results[number] = error.code
            }
        }
        self.arrived.signal()
    }

    /// Why each transaction was rejected, by its number; nil when it was not.
    func wait(for count: Int) -> [Int: StoreError.Code?] {
        for _ in 0..<count { self.arrived.wait() }
        return self.results.withLock { $0 }
    }
}
