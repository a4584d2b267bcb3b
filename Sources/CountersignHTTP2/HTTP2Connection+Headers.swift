extension HTTP2Connection {
    mutating func readHeaders(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ end: Int,
        _ frame: FrameHeader,
        _ workspace: HTTP2Workspace
    ) throws(HTTP2Interruption) -> HTTP2Event? {
        guard frame.stream != 0 else { throw .connection(.malformedFrame) }
        var first = start
        var last = end
        if frame.has(FrameFlag.padded) {
            guard first < end else { throw .connection(.malformedFrame) }
            last = end - Int(bytes[first])
            first += 1
            guard last >= first else { throw .connection(.malformedPadding) }
        }
        if frame.has(FrameFlag.priority) {
            guard last - first >= 5 else { throw .connection(.malformedFrame) }
            guard bytes.bigEndian32(at: first) & 0x7FFF_FFFF != frame.stream else { throw .connection(.selfDependency) }
            first += 5
        }
        let isEnd = frame.has(FrameFlag.endStream)
        if frame.has(FrameFlag.endHeaders) {
            return try readBlock(bytes, first, last, frame.stream, isEnd, workspace)
        }
        if first == last {
            guard empties.take(now: now) else { throw .connection(.emptyFrameFlood) }
        }
        var block = OpenBlock()
        block.stream = frame.stream
        block.isEnd = isEnd
        block.bytes.append(bytes, first..<last)
        openBlock = block
        return nil
    }

    mutating func readContinuation(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ end: Int,
        _ frame: FrameHeader,
        _ workspace: HTTP2Workspace
    ) throws(HTTP2Interruption) -> HTTP2Event? {
        guard var block = openBlock.take() else { throw .connection(.misplacedFrame) }
        block.continuations += 1
        guard block.continuations <= limits.maxContinuations else { throw .connection(.continuationFlood) }
        guard block.bytes.count + (end - start) <= limits.maxHeaderBlockSize else {
            throw .connection(.headerBlockTooLarge)
        }
        if start == end, !frame.has(FrameFlag.endHeaders) {
            guard empties.take(now: now) else { throw .connection(.emptyFrameFlood) }
        }
        block.bytes.append(bytes, start..<end)
        guard frame.has(FrameFlag.endHeaders) else {
            openBlock = block
            return nil
        }
        return try readBlock(block.bytes.span, 0, block.bytes.count, block.stream, block.isEnd, workspace)
    }

    /// Decodes a whole header block, whatever it is for, as both sides' tables have to go on agreeing.
    private mutating func readBlock(
        _ bytes: Span<UInt8>,
        _ first: Int,
        _ last: Int,
        _ id: UInt32,
        _ isEnd: Bool,
        _ workspace: HTTP2Workspace
    ) throws(HTTP2Interruption) -> HTTP2Event? {
        do throws(HPACKFault) {
            try decoder.decode(bytes, from: first, to: last, into: &workspace.block)
        } catch {
            throw .connection(error == .excessiveExpansion ? .headerExpansion : .malformedHeaderBlock)
        }
        if let stream = streams.find(id) {
            return try readMessageOrTrailers(stream, isEnd, workspace)
        }
        guard isIdle(id) else {
            // What was reset on this side may still have been on its way; of an endpoint that is all that it can be.
            guard role == .client || controls.take(now: now) else { throw .connection(.controlFrameFlood) }
            return nil
        }
        guard role == .server, id & 1 == 1 else { throw .connection(.reusedStream) }
        return try openRequest(id, isEnd, workspace)
    }

    private mutating func openRequest(
        _ id: UInt32,
        _ isEnd: Bool,
        _ workspace: HTTP2Workspace
    ) throws(HTTP2Interruption) -> HTTP2Event? {
        lastPeerStream = id
        guard shutdown != .final else {
            // Behind the last stream that the peer was told of: it knows that this one was not looked at.
            lastPeerStream = id
            return nil
        }
        guard streams.count < limits.maxConcurrentStreams else { throw .stream(id, .tooManyStreams) }
        var length: Int64 = -1
        if !workspace.block.isTooLarge {
            do throws(HTTP2Violation) {
                length = try RequestMessage.write(workspace.block, isEnd: isEnd, to: &workspace.message)
            } catch {
                throw .stream(id, error)
            }
            guard !isEnd || length <= 0 else { throw .stream(id, .contentLengthMismatch) }
        }
        var state = StreamState()
        state.id = id
        state.sendWindow = peer.initialWindow
        state.receiveWindow = streamWindow
        state.remaining = length
        state.hasHead = true
        state.isRemoteClosed = isEnd
        let stream = streams.insert(state)
        return workspace.block.isTooLarge ? .oversizedHead(stream, isEnd: isEnd) : .head(stream, isEnd: isEnd)
    }

    private mutating func readMessageOrTrailers(
        _ stream: HTTP2Stream,
        _ isEnd: Bool,
        _ workspace: HTTP2Workspace
    ) throws(HTTP2Interruption) -> HTTP2Event? {
        guard !streams[stream].isRemoteClosed else { throw .stream(stream.id, .closedStream) }
        guard !workspace.block.isTooLarge else { throw .stream(stream.id, .headerBlockTooLarge) }
        guard streams[stream].hasHead else { return try readResponse(stream, isEnd, workspace) }
        guard isEnd else { throw .stream(stream.id, .malformedTrailers) }
        do throws(HTTP2Violation) {
            try TrailerMessage.write(workspace.block, to: &workspace.message)
        } catch {
            throw .stream(stream.id, error)
        }
        guard streams[stream].remaining <= 0 else { throw .stream(stream.id, .contentLengthMismatch) }
        endRemote(stream)
        return .trailers(stream)
    }

    private mutating func readResponse(
        _ stream: HTTP2Stream,
        _ isEnd: Bool,
        _ workspace: HTTP2Workspace
    ) throws(HTTP2Interruption) -> HTTP2Event? {
        let response: ResponseMessage
        do throws(HTTP2Violation) {
            response = try ResponseMessage(workspace.block, to: &workspace.message)
        } catch {
            throw .stream(stream.id, error)
        }
        if response.status < 200 {
            guard !isEnd else { throw .stream(stream.id, .malformedPseudoField) }
            return .head(stream, isEnd: false)
        }
        streams[stream].hasHead = true
        let isBodiless = streams[stream].isBodiless || response.status == 204 || response.status == 304
        streams[stream].remaining = isBodiless ? -1 : response.contentLength
        guard isEnd else { return .head(stream, isEnd: false) }
        guard streams[stream].remaining <= 0 else { throw .stream(stream.id, .contentLengthMismatch) }
        endRemote(stream)
        return .head(stream, isEnd: true)
    }
}
