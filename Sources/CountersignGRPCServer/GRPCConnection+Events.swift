import CountersignGRPC
import CountersignHTTP2
import CountersignTransport

extension GRPCConnection {
    func handle(_ event: HTTP2Event) {
        switch event {
        case .needMore, .goAway, .refused: break
        case .head(let stream, let isEnd): begin(stream, isEnd: isEnd)
        case .oversizedHead(let stream, _): refuse(stream, httpStatus: 431)
        case .data(let stream, let range, let isEnd):
            unsafe receive(UnsafeRawBufferPointer(rebasing: inbound.readable[range]), on: stream, isEnd: isEnd)
            connection.consumed(stream, range.count, listener.workspace)
        case .trailers(let stream): if let found = find(stream) { requestEnded(found) }
        case .reset(let stream, _), .streamFailed(let stream, _): if let found = find(stream) { forget(found) }
        case .windowGrew: sendWaiting()
        case .failed: endsWhenSent = true
        }
    }

    func find(_ stream: HTTP2Stream) -> GRPCStream? {
        guard streams.indices.contains(stream.slot), let found = streams[stream.slot], found.stream == stream else {
            return nil
        }
        return found
    }

    func find(_ key: GRPCStreamKey) -> GRPCStream? {
        guard streams.indices.contains(key.slot), let found = streams[key.slot], found.key == key else { return nil }
        return found
    }

    private func begin(_ stream: HTTP2Stream, isEnd: Bool) {
        let head: GRPCRequestHead
        do throws(GRPCRequestHead.Fault) {
            head = try GRPCRequestHead(listener.workspace.message)
        } catch {
            refuse(stream, httpStatus: error.httpStatus)
            return
        }
        while streams.count <= stream.slot { streams.append(nil) }
        if let former = streams[stream.slot] { forget(former) }
        let opened = GRPCStream(stream, maximumMessage: listener.settings.maximumMessage)
        listener.recount(self)
        opened.countedAs = listener.enterCall(peer) ? peer : nil
        streams[stream.slot] = opened
        guard opened.countedAs != nil else {
            finish(GRPCStatus(.resourceExhausted, "too many calls of one user"), opened)
            return
        }
        guard let method = listener.methods[head.path] else {
            hasCalled = true
            finish(GRPCStatus(.unimplemented, "there is no method \(head.path)"), opened)
            return
        }
        open(opened, method, head)
        if isEnd { requestEnded(opened) }
    }

    private func open(_ opened: GRPCStream, _ method: GRPCMethods.Method, _ head: GRPCRequestHead) {
        if let timeout = head.timeout { opened.deadline = listener.loop.now &+ timeout.nanoseconds }
        let call = GRPCCall(
            head: head,
            peer: peer,
            mailbox: listener.loop.mailbox,
            connection: id,
            stream: opened.key
        )
        opened.call = call
        switch method {
        case .single(let answer):
            opened.handler = SingleRequestHandler(call, answer)
            opened.requestDeadline = listener.loop.now &+ listener.settings.requestTime.nanoseconds
        case .stream(let open):
            hasCalled = true
            opened.handler = open(call)
        }
    }

    private func receive(_ content: UnsafeRawBufferPointer, on stream: HTTP2Stream, isEnd: Bool) {
        guard let found = find(stream), found.status == nil else { return }
        unsafe found.reader.append(content)
        do throws(GRPCStatus) {
            while let message = try found.reader.next() { found.handler?.receive(message) }
        } catch {
            finish(error, found)
            return
        }
        if isEnd { requestEnded(found) }
    }

    private func requestEnded(_ stream: GRPCStream) {
        guard !stream.reader.isInsideMessage else {
            finish(GRPCStatus(.internalError, "the request ends inside of a message"), stream)
            return
        }
        hasCalled = true
        stream.requestDeadline = .max
        let handler = stream.handler
        stream.handler = nil
        handler?.requestEnded()
    }

    /// A request that is no call is told so in terms of HTTP.
    private func refuse(_ stream: HTTP2Stream, httpStatus: Int) {
        guard connection.beginHead(stream, listener.workspace) else { return }
        connection.add(status: httpStatus, listener.workspace)
        connection.endHead(stream, isEnd: true, listener.workspace)
        connection.reset(stream, .noError, listener.workspace)
    }
}

extension GRPCRequestHead.Fault {
    /// The status of HTTP that says it ("gRPC over HTTP2").
    fileprivate var httpStatus: Int {
        switch self {
        case .method: 405
        case .contentType: 415
        case .malformed: 400
        }
    }
}
