extension HTTP2Connection {
    /// Reads up to the next event.
    ///
    /// - Parameters:
    ///   - bytes: what has arrived; the ranges of an event are offsets into it.
    ///   - offset: where to begin; moved past what was read.
    ///   - workspace: takes what is to be sent, and the message of a header block.
    package mutating func next(
        _ bytes: Span<UInt8>,
        from offset: inout Int,
        _ workspace: HTTP2Workspace
    ) -> HTTP2Event {
        while true {
            do throws(HTTP2Interruption) {
                if let event = try step(bytes, &offset, workspace) { return event }
            } catch {
                switch error {
                case .needMore: return .needMore
                case .connection(let violation): return fail(violation, workspace)
                case .stream(let id, let violation): return failStream(id, violation, workspace)
                }
            }
        }
    }

    /// Ends the connection for something that the peer did, and tells it.
    package mutating func fail(_ violation: HTTP2Violation, _ workspace: HTTP2Workspace) -> HTTP2Event {
        guard !hasFailed else { return .needMore }
        writeGoAway(last: lastPeerStream, violation.errorCode, workspace)
        phase = .failed
        openBlock = nil
        return .failed(violation)
    }

    private mutating func failStream(
        _ id: UInt32,
        _ violation: HTTP2Violation,
        _ workspace: HTTP2Workspace
    ) -> HTTP2Event {
        writeReset(id, violation.errorCode, workspace)
        let stream = streams.find(id)
        if let stream { remove(stream) }
        // A peer that has its streams reset one after the other causes as much work as one that resets them itself.
        guard resets.take(now: now) else { return fail(.resetFlood, workspace) }
        return stream.map { .streamFailed($0, violation) } ?? .refused(violation)
    }

    private mutating func step(
        _ bytes: Span<UInt8>,
        _ offset: inout Int,
        _ workspace: HTTP2Workspace
    ) throws(HTTP2Interruption) -> HTTP2Event? {
        switch phase {
        case .failed:
            offset = bytes.count
            throw .needMore
        case .preface:
            try matchPreface(bytes, &offset)
            return nil
        case .content(let stream, let content, let padding, let isEnd):
            return try readContent(bytes, &offset, stream, content, padding, isEnd, workspace)
        case .firstFrame, .frames:
            return try readFrame(bytes, &offset, workspace)
        }
    }

    private mutating func matchPreface(_ bytes: Span<UInt8>, _ offset: inout Int) throws(HTTP2Interruption) {
        while prefaceMatched < Self.preface.utf8CodeUnitCount {
            guard offset < bytes.count else { throw .needMore }
            let wanted = Self.preface.withUTF8Buffer { unsafe $0[prefaceMatched] }
            guard bytes[offset] == wanted else { throw .connection(.malformedPreface) }
            prefaceMatched += 1
            offset += 1
        }
        phase = .firstFrame
    }

    private mutating func readFrame(
        _ bytes: Span<UInt8>,
        _ offset: inout Int,
        _ workspace: HTTP2Workspace
    ) throws(HTTP2Interruption) -> HTTP2Event? {
        guard bytes.count &- offset >= FrameHeader.size else { throw .needMore }
        let frame = FrameHeader(bytes, at: offset)
        guard frame.length <= Self.maxFrameSize else { throw .connection(.frameTooLarge) }
        if case .firstFrame = phase {
            guard frame.kind == FrameKind.settings, !frame.has(FrameFlag.acknowledgement) else {
                throw .connection(.missingSettings)
            }
        }
        if let openBlock, frame.kind != FrameKind.continuation || frame.stream != openBlock.stream {
            throw .connection(.misplacedFrame)
        }
        if frame.kind == FrameKind.data {
            return try beginContent(bytes, &offset, frame, workspace)
        }
        let start = offset &+ FrameHeader.size
        let end = start &+ frame.length
        guard end <= bytes.count else { throw .needMore }
        offset = end
        phase = .frames
        switch frame.kind {
        case FrameKind.headers: return try readHeaders(bytes, start, end, frame, workspace)
        case FrameKind.continuation: return try readContinuation(bytes, start, end, frame, workspace)
        default: return try readControl(bytes, start, end, frame, workspace)
        }
    }

    private mutating func beginContent(
        _ bytes: Span<UInt8>,
        _ offset: inout Int,
        _ frame: FrameHeader,
        _ workspace: HTTP2Workspace
    ) throws(HTTP2Interruption) -> HTTP2Event? {
        guard frame.stream != 0 else { throw .connection(.malformedFrame) }
        var padding = 0
        var overhead = 0
        if frame.has(FrameFlag.padded) {
            guard frame.length > 0 else { throw .connection(.malformedFrame) }
            guard let length = bytes.count > offset &+ FrameHeader.size ? bytes[offset &+ FrameHeader.size] : nil else {
                throw .needMore
            }
            padding = Int(length)
            overhead = 1
            guard padding < frame.length else { throw .connection(.malformedPadding) }
        }
        offset &+= FrameHeader.size &+ overhead
        let isEnd = frame.has(FrameFlag.endStream)
        let content = frame.length &- padding &- overhead
        // The next step goes on with the content, also after this one has ended the stream.
        phase = .content(stream: frame.stream, content: content, padding: padding, isEnd: isEnd)
        try account(frame, content: content, isEnd: isEnd, workspace)
        return nil
    }

    /// Counts a DATA frame, padding included, against the windows, and looks whether it may come at all.
    private mutating func account(
        _ frame: FrameHeader,
        content: Int,
        isEnd: Bool,
        _ workspace: HTTP2Workspace
    ) throws(HTTP2Interruption) {
        receiveWindow -= frame.length
        guard receiveWindow >= 0 else { throw .connection(.windowExceeded) }
        if content == 0, !isEnd {
            guard empties.take(now: now) else { throw .connection(.emptyFrameFlood) }
        }
        guard let stream = streams.find(frame.stream) else {
            giveBack(frame.length - content, workspace)
            // What comes to a stream that this side has ended was on its way, and costs no more than on an open one.
            guard !isIdle(frame.stream) else { throw .connection(.misplacedFrame) }
            return
        }
        streams[stream].receiveWindow -= frame.length
        if streams[stream].receiveWindow < 0 { throw .stream(frame.stream, .windowExceeded) }
        if streams[stream].isRemoteClosed { throw .stream(frame.stream, .closedStream) }
        guard streams[stream].hasHead else { throw .stream(frame.stream, .misplacedFrame) }
        if frame.length > content { consumed(stream, frame.length - content, workspace) }
        guard streams[stream].remaining >= 0 else { return }
        streams[stream].remaining -= Int64(content)
        let remaining = streams[stream].remaining
        guard remaining >= 0, remaining == 0 || !isEnd else { throw .stream(frame.stream, .contentLengthMismatch) }
    }

    private mutating func readContent(
        _ bytes: Span<UInt8>,
        _ offset: inout Int,
        _ id: UInt32,
        _ content: Int,
        _ padding: Int,
        _ isEnd: Bool,
        _ workspace: HTTP2Workspace
    ) throws(HTTP2Interruption) -> HTTP2Event? {
        guard content > 0 else {
            let skipped = min(padding, bytes.count &- offset)
            offset &+= skipped
            guard skipped == padding else {
                phase = .content(stream: id, content: 0, padding: padding &- skipped, isEnd: isEnd)
                throw .needMore
            }
            phase = .frames
            guard isEnd, let stream = streams.find(id), !streams[stream].isRemoteClosed else { return nil }
            endRemote(stream)
            return .data(stream, offset..<offset, isEnd: true)
        }
        guard offset < bytes.count else { throw .needMore }
        let start = offset
        let taken = min(content, bytes.count &- offset)
        offset &+= taken
        phase = .content(stream: id, content: content &- taken, padding: padding, isEnd: isEnd)
        guard let stream = streams.find(id), !streams[stream].isRemoteClosed else {
            giveBack(taken, workspace)
            return nil
        }
        let isLast = isEnd && taken == content && padding == 0
        if isLast {
            phase = .frames
            endRemote(stream)
        }
        return .data(stream, start..<offset, isEnd: isLast)
    }

    /// Whether a stream's number was never used.
    func isIdle(_ id: UInt32) -> Bool {
        let isPeers = (id & 1 == 1) == (role == .server)
        return isPeers ? id > lastPeerStream : id >= nextStream
    }

    /// The peer has sent all that it will.
    mutating func endRemote(_ stream: HTTP2Stream) {
        streams[stream].isRemoteClosed = true
        if streams[stream].isLocalClosed { remove(stream) }
    }

    mutating func remove(_ stream: HTTP2Stream) {
        guard streams.isOpen(stream) else { return }
        let isOwn = (stream.id & 1 == 1) == (role == .client)
        if isOwn { ownStreams -= 1 }
        streams.remove(stream)
    }
}
