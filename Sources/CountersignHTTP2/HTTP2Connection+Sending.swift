extension HTTP2Connection {
    /// Opens a stream for a request; nil when the peer takes none now, or none any more.
    ///
    /// - Parameter isBodiless: whether the response has no content whatever its fields say, as that to HEAD.
    package mutating func open(isBodiless: Bool) -> HTTP2Stream? {
        guard canOpen else { return nil }
        var state = StreamState()
        state.id = nextStream
        state.sendWindow = peer.initialWindow
        state.receiveWindow = streamWindow
        state.isBodiless = isBodiless
        nextStream += 2
        ownStreams += 1
        return streams.insert(state)
    }

    /// Whether the peer takes one more stream of this side.
    package var canOpen: Bool {
        guard role == .client, !hasFailed, !hasPeerGoneAway, shutdown == .none else { return false }
        return nextStream < 0x7FFF_FFFF && ownStreams < min(peer.maxConcurrentStreams, limits.maxConcurrentStreams)
    }

    /// Begins a message head or a trailer section; fields are added until ``endHead(_:isEnd:_:)``.
    ///
    /// - Returns: `false` when the stream is over, and nothing may be added.
    package mutating func beginHead(_ stream: HTTP2Stream, _ workspace: HTTP2Workspace) -> Bool {
        guard !hasFailed, streams.isOpen(stream), !streams[stream].isLocalClosed else { return false }
        workspace.headStart = workspace.output.count
        FrameHeader.write(length: 0, FrameKind.headers, stream: stream.id, to: &workspace.output)
        encoder.beginBlock(to: &workspace.output)
        return true
    }

    /// Adds `:status`, from 100 to 599.
    package func add(status: Int, _ workspace: HTTP2Workspace) {
        encoder.encode(status: status, to: &workspace.output)
    }

    /// Adds a field whose name, in any case, and value lie in `source`.
    package mutating func add(
        _ source: Span<UInt8>,
        name: Range<Int>,
        value: Range<Int>,
        _ workspace: HTTP2Workspace
    ) {
        encoder.encode(source, name: name, value: value, to: &workspace.output)
    }

    /// Adds a field with a constant name in lower case, whose value lies in `source`.
    package mutating func add(
        _ name: StaticString,
        _ source: Span<UInt8>,
        _ value: Range<Int>,
        _ workspace: HTTP2Workspace
    ) {
        encoder.encode(name, source, value: value, to: &workspace.output)
    }

    /// Adds a field of constant bytes; the name in lower case.
    package mutating func add(_ name: StaticString, _ value: StaticString, _ workspace: HTTP2Workspace) {
        let text = workspace.takeLiteral(name, value)
        let middle = name.utf8CodeUnitCount
        encoder.encode(text.span, name: 0..<middle, value: middle..<text.count, to: &workspace.output)
        workspace.giveBackLiteral(text)
    }

    /// Ends the head, cut into frames that the peer takes.
    package mutating func endHead(_ stream: HTTP2Stream, isEnd: Bool, _ workspace: HTTP2Workspace) {
        let start = workspace.headStart
        let length = workspace.output.count - start - FrameHeader.size
        let endFlag = isEnd ? FrameFlag.endStream : 0
        if length <= Self.maxFrameSize {
            Self.patch(&workspace.output, at: start, length, flags: endFlag | FrameFlag.endHeaders)
        } else {
            Self.split(&workspace.output, at: start, length, stream: stream.id, flags: endFlag)
        }
        if isEnd { endLocal(stream) }
    }

    /// Sends as much of the content as the windows allow.
    ///
    /// - Parameters:
    ///   - stream: the stream whose message it is of.
    ///   - content: what to send; may be empty to end the message.
    ///   - isEnd: whether nothing follows it; said only when all of it is sent.
    ///   - workspace: the scratch memory, in which the frames are written.
    /// - Returns: how many bytes were taken.
    package mutating func send(
        _ content: Span<UInt8>,
        on stream: HTTP2Stream,
        isEnd: Bool,
        _ workspace: HTTP2Workspace
    ) -> Int {
        guard !hasFailed, streams.isOpen(stream), !streams[stream].isLocalClosed else { return content.count }
        var sent = 0
        while sent < content.count {
            let room = min(min(sendWindow, streams[stream].sendWindow), min(content.count - sent, Self.maxFrameSize))
            guard room > 0 else { return sent }
            let isLast = isEnd && sent + room == content.count
            writeData(content, sent..<sent + room, stream, isEnd: isLast, workspace)
            sent += room
            if isLast {
                endLocal(stream)
                return sent
            }
        }
        if isEnd {
            writeData(content, 0..<0, stream, isEnd: true, workspace)
            endLocal(stream)
        }
        return sent
    }

    /// How much content may be sent on a stream now.
    package func sendRoom(_ stream: HTTP2Stream) -> Int {
        guard streams.isOpen(stream) else { return 0 }
        return max(0, min(sendWindow, streams[stream].sendWindow))
    }

    /// Ends a stream before its time; it is over at once.
    package mutating func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode, _ workspace: HTTP2Workspace) {
        guard !hasFailed, streams.isOpen(stream) else { return }
        writeReset(stream.id, code, workspace)
        remove(stream)
    }

    /// Content of a stream was used up: the peer may send as much again.
    package mutating func consumed(_ stream: HTTP2Stream, _ count: Int, _ workspace: HTTP2Workspace) {
        giveBack(count, workspace)
        guard streams.isOpen(stream), !streams[stream].isRemoteClosed, !hasFailed else { return }
        streams[stream].consumed += count
        let total = streams[stream].consumed
        guard total >= streamWindow / 2 else { return }
        streams[stream].consumed = 0
        streams[stream].receiveWindow += total
        Self.writeWindowUpdate(total, stream: stream.id, workspace)
    }

    /// Gives back what no stream holds any more.
    package mutating func giveBack(_ count: Int, _ workspace: HTTP2Workspace) {
        consumed += count
        guard consumed >= max(limits.connectionWindow, Self.defaultWindow) / 2, !hasFailed else { return }
        receiveWindow += consumed
        Self.writeWindowUpdate(consumed, stream: 0, workspace)
        consumed = 0
    }

    private mutating func writeData(
        _ content: Span<UInt8>,
        _ range: Range<Int>,
        _ stream: HTTP2Stream,
        isEnd: Bool,
        _ workspace: HTTP2Workspace
    ) {
        FrameHeader.write(
            length: range.count,
            FrameKind.data,
            flags: isEnd ? FrameFlag.endStream : 0,
            stream: stream.id,
            to: &workspace.output
        )
        workspace.output.append(content, range)
        sendWindow -= range.count
        streams[stream].sendWindow -= range.count
        // Who reads content has reason to open windows again: its own, and the connection's.
        windowUpdates.earn(2)
        // And to measure the way by a PING, as clients of gRPC do while content comes.
        controls.earn(1)
    }

    private mutating func endLocal(_ stream: HTTP2Stream) {
        guard streams.isOpen(stream) else { return }
        streams[stream].isLocalClosed = true
        if streams[stream].isRemoteClosed { remove(stream) }
    }

    func writeReset(_ id: UInt32, _ code: HTTP2ErrorCode, _ workspace: HTTP2Workspace) {
        FrameHeader.write(length: 4, FrameKind.resetStream, stream: id, to: &workspace.output)
        workspace.output.append(bigEndian: code.rawValue)
    }

    /// Fills in the header of a frame whose payload is written.
    private static func patch(_ output: inout [UInt8], at start: Int, _ length: Int, flags: UInt8) {
        output[start] = UInt8(truncatingIfNeeded: length >> 16)
        output[start + 1] = UInt8(truncatingIfNeeded: length >> 8)
        output[start + 2] = UInt8(truncatingIfNeeded: length)
        output[start + 4] = flags
    }

    /// Cuts a header block that is too long for one frame (RFC 9113 section 6.10).
    private static func split(_ output: inout [UInt8], at start: Int, _ length: Int, stream: UInt32, flags: UInt8) {
        let block = Array(output[(start + FrameHeader.size)...])
        output.removeSubrange((start + FrameHeader.size)...)
        patch(&output, at: start, maxFrameSize, flags: flags)
        output.append(block.span, 0..<maxFrameSize)
        var sent = maxFrameSize
        while sent < length {
            let piece = min(maxFrameSize, length - sent)
            let isLast = sent + piece == length
            FrameHeader.write(
                length: piece,
                FrameKind.continuation,
                flags: isLast ? FrameFlag.endHeaders : 0,
                stream: stream,
                to: &output
            )
            output.append(block.span, sent..<sent + piece)
            sent += piece
        }
    }
}
