import CountersignSpool

/// The events that have been taken out of the spool and are not confirmed yet, in their order.
///
/// Brokers confirm in any order; the spool hears of it only up to the first event that is not confirmed.
struct DeliveryWindow {
    private enum Stage {
        case waiting
        case sent
        case finished
    }

    private struct Item {
        let message: AuditMessage?
        let end: SpoolPosition
        let isWhole: Bool
        var stage: Stage
    }

    private var items: [Item] = []
    /// The number of the first item; numbers are never used twice.
    private var first: UInt64 = 0
    /// No item before this index waits to be sent.
    private var search = 0
    private(set) var bytes = 0

    /// How many events there are.
    var count: Int { items.count }

    /// When the first event happened that is not finished, in Unix milliseconds; nil when there is none.
    var oldest: Int64? { items.first { $0.stage != .finished }?.message?.time }

    /// Takes in an event; one without a message cannot be read, and is finished at once.
    ///
    /// - Parameters:
    ///   - message: the event.
    ///   - end: the place behind it in the spool.
    ///   - isWhole: whether the spool has a whole record there, which alone it counts among those that wait.
    mutating func add(_ message: AuditMessage?, end: SpoolPosition, isWhole: Bool = true) {
        items.append(Item(message: message, end: end, isWhole: isWhole, stage: message == nil ? .finished : .waiting))
        bytes += message?.content.count ?? 0
    }

    /// The first event that is to be sent.
    mutating func next() -> (number: UInt64, message: AuditMessage)? {
        while search < items.count {
            if items[search].stage == .waiting, let message = items[search].message {
                return (first + UInt64(search), message)
            }
            search += 1
        }
        return nil
    }

    /// The event has been handed to the client library.
    mutating func sent(_ number: UInt64) {
        change(number, from: .waiting, to: .sent)
    }

    /// The event is to be sent again.
    mutating func failed(_ number: UInt64) {
        guard let index = change(number, from: .sent, to: .waiting) else { return }
        search = min(search, index)
    }

    /// The event needs nothing more.
    ///
    /// - Returns: its message; nil when that was said before.
    @discardableResult
    mutating func finished(_ number: UInt64) -> AuditMessage? {
        change(number, from: .sent, to: .finished).flatMap { items[$0].message }
    }

    /// Whoever had the events is gone; those that are not finished are to be sent again.
    mutating func sendAllAgain() {
        for index in items.indices where items[index].stage == .sent { items[index].stage = .waiting }
        search = 0
    }

    /// Lets go of the events at the beginning that are finished.
    ///
    /// - Returns: the place behind them in the spool, and how many whole records they are; nil when there are none.
    mutating func takeFinished() -> (end: SpoolPosition, count: Int)? {
        let count = items.firstIndex { $0.stage != .finished } ?? items.count
        guard count > 0 else { return nil }
        let end = items[count - 1].end
        let records = items[..<count].reduce(0) { $0 + ($1.isWhole ? 1 : 0) }
        bytes -= items[..<count].reduce(0) { $0 + ($1.message?.content.count ?? 0) }
        items.removeFirst(count)
        first += UInt64(count)
        search = max(0, search - count)
        return (end, records)
    }

    @discardableResult
    private mutating func change(_ number: UInt64, from old: Stage, to new: Stage) -> Int? {
        guard number >= first, number - first < UInt64(items.count) else { return nil }
        let index = Int(number - first)
        guard items[index].stage == old else { return nil }
        items[index].stage = new
        return index
    }
}
