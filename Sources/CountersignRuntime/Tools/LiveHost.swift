import CountersignPKI
import CountersignTLS
import CountersignTransport
import Glibc
import Synchronization

/// Asks a TLS server for its certificates, and looks at them without trusting them.
package enum LiveHost {
    /// Connects, takes the chain that the server presents, and ends the handshake there.
    ///
    /// - Parameters:
    ///   - host: a DNS name or an address.
    ///   - port: the TCP port, from 1.
    ///   - serverName: the server name indication; without one, `host` when it is a name.
    ///   - timeout: how long all of it may take, however little the server sends at a time.
    /// - Returns: DER certificates, the leaf first.
    /// - Throws: ``ToolError``, `SystemError` or `TLSError` that says which step failed.
    package static func certificates(
        host: String,
        port: UInt16,
        serverName: String?,
        timeout: Duration
    ) throws -> [[UInt8]] {
        let deadline = ContinuousClock.now + timeout
        var lastError: any Error = ToolError("the host does not resolve to an address")
        for address in (try? SocketAddress.resolve(host: host, port: port)) ?? [] {
            do {
                return try certificates(from: address, serverName: serverName ?? name(host), until: deadline)
            } catch {
                lastError = error
            }
        }
        throw lastError
    }

    private static func certificates(
        from address: SocketAddress,
        serverName: String?,
        until deadline: ContinuousClock.Instant
    ) throws -> [[UInt8]] {
        let descriptor = try Socket.connect(to: address)
        defer { Socket.close(descriptor) }
        try wait(descriptor, POLLOUT, address, deadline)
        let code = Socket.pendingError(of: descriptor)
        guard code == 0 else { throw SystemError(action: "connect to \(address)", code: code) }
        let recorder = ChainRecorder()
        let output = ByteQueue()
        let session = try TLSSession(
            client: try TLSContext(client: nil, verifier: recorder),
            serverName: serverName,
            output: output
        )
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 * 1024, alignment: 1)
        defer { unsafe buffer.deallocate() }
        while true {
            let step = session.handshake()
            try send(output, to: descriptor, address, deadline)
            if let chain = recorder.chain { return chain }
            if case .failed(let failure) = step {
                throw TLSError(action: "shake hands with \(address)", reason: failure.explanation)
            }
            try wait(descriptor, POLLIN, address, deadline)
            switch unsafe Socket.read(descriptor, into: buffer) {
            case .bytes(let count): unsafe session.feed(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
            case .wouldBlock: continue
            case .endOfStream:
                throw TLSError(action: "shake hands with \(address)", reason: "the server closed the connection")
            case .failed(let code): throw SystemError(action: "read from \(address)", code: code)
            }
        }
    }

    private static func send(
        _ bytes: ByteQueue,
        to descriptor: Int32,
        _ address: SocketAddress,
        _ deadline: ContinuousClock.Instant
    ) throws {
        while !bytes.isEmpty {
            switch unsafe Socket.write(descriptor, bytes.readable) {
            case .bytes(let count): bytes.consume(count)
            case .wouldBlock, .endOfStream: try wait(descriptor, POLLOUT, address, deadline)
            case .failed(let code): throw SystemError(action: "write to \(address)", code: code)
            }
        }
    }

    private static func wait(
        _ descriptor: Int32,
        _ event: Int32,
        _ address: SocketAddress,
        _ deadline: ContinuousClock.Instant
    ) throws(SystemError) {
        let left = (deadline - .now).components
        let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
        var poll = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        guard milliseconds > 0, unsafe Glibc.poll(&poll, 1, Int32(clamping: milliseconds)) > 0 else {
            throw SystemError(
                action: "get the certificates of \(address) in time",
                code: ETIMEDOUT
            )
        }
    }

    /// An address has no server name (RFC 6066 section 3).
    private static func name(_ host: String) -> String? {
        SocketAddress(numericHost: host, port: 0) == nil ? host : nil
    }
}

/// Takes down what a server presents, and accepts none of it.
private final class ChainRecorder: TLSPeerVerifier {
    private let presented = Mutex<[[UInt8]]?>(nil)

    var chain: [[UInt8]]? { presented.withLock { $0 } }

    func verify(_ chain: UnverifiedPeerChain) -> Result<VerifiedPeer, ChainRejection> {
        presented.withLock { $0 = chain.certificates }
        return .failure(ChainRejection(.unknownIssuer, "the chain is only looked at"))
    }
}
