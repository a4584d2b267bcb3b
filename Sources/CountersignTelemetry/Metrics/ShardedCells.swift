import Synchronization

/// Rows of 64-bit cells, one row for each event loop, so that loops never write to the same cache line.
///
/// Each row has one writer at a time: the loop whose index it is. That is why ``add(_:to:shard:)`` needs no locked
/// instruction. Sums may be read from any thread at any time. A shard beyond the last shares one of the rows, where
/// additions that coincide may be lost; they never corrupt.
@safe
@usableFromInline
package final class ShardedCells: Sendable {
    /// How many cells a row has.
    package let cells: Int
    /// How many rows there are, at least 1.
    package let shards: Int

    private let stride: Int
    // SAFETY: written once in the initializer, freed in deinit; what it points at is only used through atomics.
    private nonisolated(unsafe) let base: UnsafeMutablePointer<Cell>

    /// Creates rows of zeros.
    ///
    /// - Parameters:
    ///   - cells: Cells in a row, at least 1.
    ///   - shards: Number of event loops, at least 1.
    package init(cells: Int, shards: Int) {
        self.cells = max(cells, 1)
        self.shards = max(shards, 1)
        // Two lines of 64 bytes: the hardware prefetches neighbours in pairs.
        self.stride = (self.cells + 15) / 16 * 16
        let total = self.stride * self.shards
        let raw = UnsafeMutableRawPointer.allocate(byteCount: total * MemoryLayout<Cell>.stride, alignment: 128)
        unsafe self.base = raw.bindMemory(to: Cell.self, capacity: total)
        for index in 0..<total {
            unsafe (self.base + index).initialize(to: Cell())
        }
    }

    deinit {
        unsafe self.base.deinitialize(count: self.stride * self.shards)
        unsafe UnsafeMutableRawPointer(self.base).deallocate()
    }

    /// Adds to one cell of the caller's row, wrapping around.
    ///
    /// - Parameters:
    ///   - amount: What to add; a two's complement pattern subtracts.
    ///   - cell: The cell; out of range does nothing.
    ///   - shard: The index of the loop that calls.
    @usableFromInline
    package func add(_ amount: UInt64, to cell: Int, shard: Int) {
        guard cell >= 0, cell < self.cells, shard >= 0 else { return }
        let row = shard < self.shards ? shard : shard % self.shards
        let index = row &* self.stride &+ cell
        let value = unsafe self.base[index].value.load(ordering: .relaxed)
        unsafe self.base[index].value.store(value &+ amount, ordering: .relaxed)
    }

    /// The sum of one cell over all rows, wrapping around; 0 for a cell that does not exist.
    package func sum(of cell: Int) -> UInt64 {
        guard cell >= 0, cell < self.cells else { return 0 }
        var sum: UInt64 = 0
        for shard in 0..<self.shards {
            sum &+= unsafe self.base[shard &* self.stride &+ cell].value.load(ordering: .relaxed)
        }
        return sum
    }

    private struct Cell: ~Copyable {
        let value = Atomic<UInt64>(0)
    }
}
