/// The open streams of a connection: found by number, kept in slots that are used again.
struct StreamTable {
    private var states: [StreamState] = []
    private var free: [Int] = []
    private var slots: [UInt32: Int] = [:]

    /// How many streams are open.
    var count: Int { slots.count }

    /// One more than the largest slot that was ever used.
    var slotCount: Int { states.count }

    /// The open stream of a number.
    func find(_ id: UInt32) -> HTTP2Stream? {
        slots[id].map { HTTP2Stream(id: id, slot: $0) }
    }

    /// The open stream in a slot.
    func stream(inSlot slot: Int) -> HTTP2Stream? {
        guard states.indices.contains(slot), states[slot].id != 0 else { return nil }
        return HTTP2Stream(id: states[slot].id, slot: slot)
    }

    /// Whether a stream is still open.
    @inline(__always)
    func isOpen(_ stream: HTTP2Stream) -> Bool {
        stream.slot >= 0 && stream.slot < states.count && states[stream.slot].id == stream.id
    }

    /// Opens a stream.
    mutating func insert(_ state: StreamState) -> HTTP2Stream {
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            states[slot] = state
        } else {
            slot = states.count
            states.append(state)
        }
        slots[state.id] = slot
        return HTTP2Stream(id: state.id, slot: slot)
    }

    /// Closes a stream.
    mutating func remove(_ stream: HTTP2Stream) {
        guard isOpen(stream) else { return }
        states[stream.slot].id = 0
        slots[stream.id] = nil
        free.append(stream.slot)
    }

    /// The state of an open stream.
    subscript(stream: HTTP2Stream) -> StreamState {
        get { states[stream.slot] }
        set { states[stream.slot] = newValue }
    }

    /// Adds to the send window of every open stream; `false` when one becomes too large.
    mutating func growSendWindows(by difference: Int) -> Bool {
        for slot in states.indices where states[slot].id != 0 {
            states[slot].sendWindow += difference
            guard states[slot].sendWindow <= HTTP2Connection.maxWindow else { return false }
        }
        return true
    }
}
