extension HTTP2Connection {
    mutating func readControl(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ end: Int,
        _ frame: FrameHeader,
        _ workspace: HTTP2Workspace
    ) throws(HTTP2Interruption) -> HTTP2Event? {
        switch frame.kind {
        case FrameKind.windowUpdate: return try readWindowUpdate(bytes, start, frame)
        case FrameKind.resetStream: return try readReset(bytes, start, frame)
        default: break
        }
        guard controls.take(now: now) else { throw .connection(.controlFrameFlood) }
        switch frame.kind {
        case FrameKind.settings: return try readSettings(bytes, start, end, frame, workspace)
        case FrameKind.ping: try readPing(bytes, start, end, frame, workspace)
        case FrameKind.goAway: return try readGoAway(bytes, start, frame)
        case FrameKind.priority: try readPriority(bytes, start, frame)
        case FrameKind.pushPromise: throw .connection(.unexpectedPush)
        default: break
        }
        return nil
    }

    private mutating func readWindowUpdate(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ frame: FrameHeader
    ) throws(HTTP2Interruption) -> HTTP2Event? {
        guard frame.length == 4 else { throw .connection(.malformedFrame) }
        guard windowUpdates.take(now: now) else { throw .connection(.windowUpdateFlood) }
        let growth = Int(bytes.bigEndian32(at: start) & 0x7FFF_FFFF)
        guard frame.stream != 0 else {
            guard growth > 0 else { throw .connection(.emptyWindowUpdate) }
            sendWindow += growth
            guard sendWindow <= Self.maxWindow else { throw .connection(.windowOverflow) }
            return .windowGrew(nil)
        }
        guard let stream = streams.find(frame.stream) else {
            guard !isIdle(frame.stream) else { throw .connection(.misplacedFrame) }
            return nil
        }
        guard growth > 0 else { throw .stream(frame.stream, .emptyWindowUpdate) }
        streams[stream].sendWindow += growth
        guard streams[stream].sendWindow <= Self.maxWindow else { throw .stream(frame.stream, .windowOverflow) }
        return .windowGrew(stream)
    }

    private mutating func readReset(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ frame: FrameHeader
    ) throws(HTTP2Interruption) -> HTTP2Event? {
        guard frame.length == 4, frame.stream != 0 else { throw .connection(.malformedFrame) }
        let code = HTTP2ErrorCode(rawValue: bytes.bigEndian32(at: start))
        guard let stream = streams.find(frame.stream) else {
            guard !isIdle(frame.stream) else { throw .connection(.misplacedFrame) }
            guard role == .client || controls.take(now: now) else { throw .connection(.controlFrameFlood) }
            return nil
        }
        remove(stream)
        // A server that answers early ends its request in this way, and does as it should.
        if role == .server {
            guard resets.take(now: now) else { throw .connection(.resetFlood) }
        }
        return .reset(stream, code)
    }

    private mutating func readSettings(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ end: Int,
        _ frame: FrameHeader,
        _ workspace: HTTP2Workspace
    ) throws(HTTP2Interruption) -> HTTP2Event? {
        guard frame.stream == 0 else { throw .connection(.malformedFrame) }
        guard !frame.has(FrameFlag.acknowledgement) else {
            guard frame.length == 0 else { throw .connection(.malformedFrame) }
            return nil
        }
        guard frame.length % 6 == 0 else { throw .connection(.malformedFrame) }
        let before = peer.initialWindow
        var offset = start
        while offset < end {
            let identifier = UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
            do throws(HTTP2Violation) {
                try peer.apply(identifier, bytes.bigEndian32(at: offset + 2), fromServer: role == .client)
            } catch {
                throw .connection(error)
            }
            offset += 6
        }
        encoder.resize(to: peer.headerTableSize)
        guard streams.growSendWindows(by: peer.initialWindow - before) else { throw .connection(.windowOverflow) }
        FrameHeader.write(
            length: 0,
            FrameKind.settings,
            flags: FrameFlag.acknowledgement,
            stream: 0,
            to: &workspace.output
        )
        return .windowGrew(nil)
    }

    private mutating func readPing(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ end: Int,
        _ frame: FrameHeader,
        _ workspace: HTTP2Workspace
    ) throws(HTTP2Interruption) {
        guard frame.length == 8, frame.stream == 0 else { throw .connection(.malformedFrame) }
        guard !frame.has(FrameFlag.acknowledgement) else {
            if shutdown == .announced { finishShutdown(workspace) }
            return
        }
        FrameHeader.write(length: 8, FrameKind.ping, flags: FrameFlag.acknowledgement, stream: 0, to: &workspace.output)
        workspace.output.append(bytes, start..<end)
    }

    private mutating func readGoAway(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ frame: FrameHeader
    ) throws(HTTP2Interruption) -> HTTP2Event? {
        guard frame.length >= 8, frame.stream == 0 else { throw .connection(.malformedFrame) }
        hasPeerGoneAway = true
        return .goAway(
            last: bytes.bigEndian32(at: start) & 0x7FFF_FFFF,
            HTTP2ErrorCode(rawValue: bytes.bigEndian32(at: start + 4))
        )
    }

    private func readPriority(_ bytes: Span<UInt8>, _ start: Int, _ frame: FrameHeader) throws(HTTP2Interruption) {
        guard frame.stream != 0, frame.length == 5 else { throw .connection(.malformedFrame) }
        guard bytes.bigEndian32(at: start) & 0x7FFF_FFFF != frame.stream else { throw .connection(.selfDependency) }
    }
}
