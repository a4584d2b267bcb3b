package import CountersignGRPC
package import CountersignTransport

/// One call to a server of the same host, over a connection of its own without TLS; its thread blocks.
///
/// A caller sends one message and takes as many as come. The call ends with its status, or by ``cancel()``, which may come
/// from any thread. Each call has a connection of its own, as the few that a process makes of this kind last for hours.
package final class GRPCClientCall {
    private let wire: GRPCClientWire

    /// Connects and sends the request.
    ///
    /// - Parameters:
    ///   - path: a slash, the service's full name, a slash, the method's name.
    ///   - address: where the server listens; a Unix socket, or an address of loopback.
    ///   - fields: what is said beside the message; names in lower case.
    ///   - message: the one message of the request.
    ///   - timeout: how long the server shall take at most, which it is told; `nil` for a stream without end.
    ///   - settings: bounds and times.
    /// - Throws: `GRPCStatus`: UNAVAILABLE when there is nobody to call.
    package init(
        _ path: String,
        at address: SocketAddress,
        fields: [(name: String, value: String)] = [],
        message: [UInt8],
        timeout: Duration? = nil,
        settings: GRPCClientSettings = GRPCClientSettings()
    ) throws(GRPCStatus) {
        let deadline = timeout.map { Deadline(within: $0) } ?? .never
        self.wire = try GRPCClientWire(address, settings: settings, deadline: deadline)
        var all = [(name: "te", value: "trailers"), (name: "content-type", value: "application/grpc")]
        if let timeout { all.append((name: "grpc-timeout", value: GRPCTimeout.field(timeout))) }
        try wire.begin(path, fields: all + fields, content: GRPCMessageReader.framed(message))
    }

    /// What ends this call from another thread.
    package var canceller: GRPCCanceller { GRPCCanceller(wire.socket) }

    /// Ends the call; who waits for a message is told CANCELLED.
    package func cancel() {
        wire.socket.cancel()
    }

    /// Waits for the next message; `nil` when the server has ended the call in order.
    ///
    /// - Throws: `GRPCStatus`, after which nothing comes: what the server said, CANCELLED, DEADLINE_EXCEEDED, or UNAVAILABLE
    ///   when the connection broke.
    package func next() throws(GRPCStatus) -> [UInt8]? {
        do throws(GRPCStatus) {
            return try wire.next()
        } catch {
            throw wire.socket.isCancelled ? GRPCStatus(.cancelled, "the call was given up") : error
        }
    }
}

/// Ends a call from another thread than the one that waits for it.
package struct GRPCCanceller: Sendable {
    private let socket: ClientSocket

    init(_ socket: ClientSocket) {
        self.socket = socket
    }

    /// Ends the call; who waits for a message is told CANCELLED.
    package func cancel() {
        socket.cancel()
    }
}
