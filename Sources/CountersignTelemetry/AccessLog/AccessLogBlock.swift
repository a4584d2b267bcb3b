/// A piece of memory with whole lines, on its way from an event loop to the writer's thread and back.
package final class AccessLogBlock {
    /// The lines.
    var writer: ByteWriter
    /// How many lines there are.
    var records: UInt64 = 0

    /// Allocates an empty block.
    init(capacity: Int) {
        self.writer = ByteWriter(capacity: capacity)
    }

    /// Forgets the lines and keeps up to `capacity` bytes of memory.
    func reset(capacity: Int) {
        self.writer.reset(keeping: capacity)
        self.records = 0
    }
}

// SAFETY: a block has one user at a time: the loop until it submits the block, the queue, the writer's thread until it has
// written it, the free list, and then a loop again; every hand-over goes through the writer's mutex.
extension AccessLogBlock: @unchecked Sendable {}
