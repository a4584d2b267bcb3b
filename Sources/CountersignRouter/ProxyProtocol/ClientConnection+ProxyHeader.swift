import CountersignIdentity
import CountersignProxyProtocol
import CountersignTelemetry
import CountersignTransport
import Logging

/// The header by which a proxy in front of the router says who the client is, before the client's own first byte.
extension ClientConnection {
    /// Decides by the peer's address whether the connection may begin with a header.
    ///
    /// - Returns: whether it may go on at all.
    func expectProxyHeader(_ rules: ProxyHeaderRules) -> Bool {
        guard rules.trusts(remoteHost) else {
            // The bytes of a header from anybody else are no TLS, and are refused as that.
            guard rules.isRequired else { return true }
            refuseProxyHeader("not_from_proxy")
            return false
        }
        phase = .proxyHeader
        return true
    }

    /// Collects the header; what follows it is the client's.
    func receiveProxyHeader(_ bytes: UnsafeRawBufferPointer) {
        let waiting = inbound
        if let waiting { unsafe waiting.append(bytes) }
        let all = unsafe waiting?.readable ?? bytes
        let outcome = unsafe ProxyHeaderReader.read(Span<UInt8>(_unsafeBytes: all))
        if case .needMore = outcome {
            // What waits stays where it is: sent byte by byte, a header costs no more than in one piece.
            if waiting == nil {
                let queue = worker.takeQueue()
                unsafe queue.append(bytes)
                inbound = queue
            }
            return
        }
        inbound = nil
        defer { if let waiting { worker.giveBack(waiting) } }
        unsafe act(on: outcome, all)
    }

    private func act(on outcome: ProxyHeaderReader.Outcome, _ bytes: UnsafeRawBufferPointer) {
        switch outcome {
        case .needMore: break
        case .noHeader:
            guard worker.snapshot.traffic.proxyHeaders?.isRequired ?? true else {
                worker.count(.absent)
                unsafe goOn(bytes)
                return
            }
            refuseProxyHeader("absent")
            abort()
        case .refused(let fault):
            refuseProxyHeader(fault.rawValue)
            abort()
        case .header(let header, let length):
            take(header)
            unsafe goOn(UnsafeRawBufferPointer(rebasing: bytes[length...]))
        }
    }

    private func goOn(_ bytes: UnsafeRawBufferPointer) {
        phase = .clientHello
        if unsafe !bytes.isEmpty { unsafe receiveClientHello(bytes) }
    }

    private func take(_ header: ProxyHeader) {
        guard case .tcp(let client, let server) = header.source, let address = SocketAddress(client) else {
            // The proxy's own connection, or one of which it has no address.
            worker.count(.local)
            return
        }
        worker.count(.accepted)
        remote = address
        remoteHost = Array(address.host.utf8)
        serverAddress = server
    }

    private func refuseProxyHeader(_ reason: String) {
        worker.count(.refused)
        guard worker.takeRefusalLogTurn() else { return }
        worker.logger.info(
            "connection closed for its PROXY protocol header",
            metadata: ["reason": .string(reason), "remote": .string(remote.description)]
        )
    }
}

extension SocketAddress {
    /// The address that a header tells of.
    init?(_ address: ProxyHeader.Address) {
        guard let host = IPAddress(networkBytes: address.bytes.span) else { return nil }
        self.init(numericHost: host.description, port: address.port)
    }
}

extension ProxyHeader.Address {
    /// A socket's address as a header tells it; an IPv4 address mapped into IPv6 is IPv4.
    init?(_ address: SocketAddress) {
        guard let host = try? IPAddress(parsing: address.host) else { return nil }
        self.init(bytes: host.networkBytes, port: address.port)
    }
}

extension RouterWorker {
    /// Counts what became of the header that a connection may begin with.
    func count(_ result: ProxyHeaderResult) {
        metrics.proxyHeaders.add(result, shard: loop.index)
    }
}
