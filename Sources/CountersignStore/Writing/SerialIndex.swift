import CountersignIssuance
import GRDB

/// Finds certificates by serial number while they are being written, and brings serial numbers into the table `serials`.
///
/// Serial numbers are random, so each that goes into an index by itself dirties a page of it. They are collected instead
/// and go there sorted, some with each group of changes, so that several share a page and no group takes long. It is not
/// thread-safe: the store's writing thread owns it.
final class SerialIndex {
    /// Those that are durable and not in the table, for readers.
    let recent: RecentSerials

    private let batch: Int
    // Of the group that is being written, in the order of their row ids.
    private var added: [(serial: SerialKey, id: Int64)] = []
    private var addedIDs: [SerialKey: Int64] = [:]
    // A batch on its way into the table: what is sorted, how much of it is there, and the last row id in it.
    private var moving: [(serial: SerialKey, id: Int64)] = []
    private var moved = 0
    private var movedBefore = 0

    /// Begins with what was read from the database.
    ///
    /// - Parameter batch: How many serial numbers are collected.
    init(_ recent: RecentSerials, batch: Int) {
        self.recent = recent
        self.batch = batch
    }

    /// The row id of a certificate, of this group among others; nil when it is not a recent one.
    func id(of serial: SerialKey) -> Int64? {
        self.addedIDs[serial] ?? self.recent.id(of: serial)
    }

    /// Adds that of a certificate of the group that is being written.
    func add(_ serial: SerialKey, id: Int64) {
        self.added.append((serial, id))
        self.addedIDs[serial] = id
    }

    /// Moves some serial numbers to the table: twice as many as the group added, so that a batch is done before the
    /// next one is complete.
    ///
    /// - Parameter state: Follows when a batch is done.
    func advance(_ connection: WriterConnection, _ state: inout StoreState) throws(StoreError) {
        if self.moving.isEmpty {
            guard self.recent.count >= self.batch else { return }
            self.moving = self.recent.sorted()
        }
        let end = min(self.moved + max(2 * self.added.count, 1), self.moving.count)
        for (serial, id) in self.moving[self.moved..<end] {
            try connection.run(.indexSerial, [serial.value, id.databaseValue])
        }
        self.moved = end
        if end == self.moving.count {
            state.indexed = self.moving.reduce(state.indexed) { max($0, $1.id) }
        }
    }

    /// Takes note that the group is durable.
    ///
    /// - Parameter indexed: The row id up to which the table is complete.
    func settle(indexed: Int64) {
        self.recent.add(self.added)
        self.forgetAdded()
        if !self.moving.isEmpty && self.moved == self.moving.count {
            self.recent.remove(upTo: indexed)
            self.moving = []
            self.moved = 0
        }
        self.movedBefore = self.moved
    }

    /// Forgets the group.
    func discard() {
        self.forgetAdded()
        self.moved = self.movedBefore
    }

    /// Forgets those certificates of the group that come after a row id.
    func discard(after id: Int64) {
        while let last = self.added.last, last.id > id {
            self.addedIDs[last.serial] = nil
            self.added.removeLast()
        }
    }

    private func forgetAdded() {
        self.added.removeAll(keepingCapacity: true)
        self.addedIDs.removeAll(keepingCapacity: true)
    }
}
