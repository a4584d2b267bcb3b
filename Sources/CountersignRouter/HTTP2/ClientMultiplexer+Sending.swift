import CountersignTransport

extension ClientMultiplexer {
    /// Sends content that waits, a little of each stream in turn, as far as windows and socket take it.
    func sendPending() {
        guard !isSendingPending else { return }
        isSendingPending = true
        defer { isSendingPending = false }
        var isProgressing = true
        while isProgressing, client.phase == .open, !client.unsent.isHeld {
            isProgressing = false
            for step in streams.indices {
                let slot = (turn + step) % streams.count
                guard let stream = streams[slot], stream.hasPending else { continue }
                if stream.sendPiece() { isProgressing = true }
            }
            if !streams.isEmpty { turn = (turn + 1) % streams.count }
            flush()
        }
    }

    /// The client has taken what was held for it: content that waits goes on, and then the backends that were not read.
    func outboundEmptied() {
        sendPending()
        guard !streams.isEmpty else { return }
        turn = (turn + 1) % streams.count
        for step in streams.indices {
            guard client.phase == .open, !client.unsent.isHeld else { return }
            let slot = (turn + step) % streams.count
            if let stream = streams[slot], !stream.hasPending { stream.exchange?.clientCanTakeMore() }
        }
    }
}
