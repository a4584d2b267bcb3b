import CountersignHTTP1
import CountersignPolicy
import CountersignRewriting
import CountersignRouting
import CountersignTelemetry
import CountersignTransport

/// Requests that ask for another protocol on their connection (RFC 9110 section 7.8).
///
/// An endpoint is offered what the client offered and the configuration lists, and may switch to that alone. What follows
/// on the connection is not looked at any more, so only protocols belong on the list that carry no requests of others.
extension Exchange {
    /// Whether the route takes the kind of traffic that the request asks for; if not, it has been refused.
    func takesTraffic(of route: Route) -> Bool {
        if head.method == .connect {
            guard route.traffic.allowsTunnels else {
                refuse(.tunnelNotAllowed)
                return false
            }
            return true
        }
        guard tunnel.asksForUpgrade else { return true }
        switch route.traffic.upgrades {
        case .allow: offerUpgrade()
        case .ignore: break
        case .refuse:
            refuse(.upgradeNotAllowed)
            return false
        }
        return true
    }

    /// Keeps the protocols that may be switched to; a request with content goes on as a plain one.
    private func offerUpgrade() {
        guard head.version == .http11, head.framing == .none, stream == nil else { return }
        let start = headBytes.count
        for field in worker.requestScanner.fields where field.kind == .upgrade && field.isConnectionNominated {
            appendOffers(of: field.value, since: start)
        }
        tunnel.offer = ByteRange(start: start, end: headBytes.count)
    }

    private func appendOffers(of value: ByteRange, since start: Int) {
        var offset = value.start
        while offset < value.end {
            let name = unsafe Self.element(at: &offset, of: value, in: headBytes.readable)
            guard !name.isEmpty, isListed(name) else { continue }
            if headBytes.count > start { headBytes.append(", ") }
            for index in name.start..<name.end { headBytes.append(byte: unsafe headBytes.readable[index]) }
        }
    }

    private func isListed(_ name: ByteRange) -> Bool {
        worker.snapshot.traffic.upgradeProtocols.contains { unsafe Self.isSame($0, name, in: headBytes.readable) }
    }

    /// Whether a 101 response switches to one protocol that the endpoint was offered, and says so as it has to.
    func isAcceptable(_ response: ResponseHead, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !tunnel.offer.isEmpty, response.version == .http11 else { return false }
        var chosen: ByteRange?
        for field in worker.responseScanner.fields where field.kind == .upgrade {
            guard field.isConnectionNominated, chosen == nil else { return false }
            chosen = field.value
        }
        guard let chosen else { return false }
        let name = unsafe UnsafeRawBufferPointer(rebasing: bytes[chosen.start..<chosen.end])
        var offset = tunnel.offer.start
        while offset < tunnel.offer.end {
            let offered = unsafe Self.element(at: &offset, of: tunnel.offer, in: headBytes.readable)
            if unsafe Self.isSame(name, offered, in: headBytes.readable) { return true }
        }
        return false
    }

    /// Passes a 101 response on and begins the tunnel; one that nobody asked for is malformed.
    func switchProtocols(_ response: ResponseHead, _ bytes: UnsafeRawBufferPointer) {
        guard unsafe isAcceptable(response, bytes), let client else {
            malformed(ProtocolViolation(.forbiddenContent))
            return
        }
        noteResponse(response.status)
        let out = worker.clientOut
        out.removeAll()
        unsafe ResponseRewriter.write(
            response,
            fields: worker.responseScanner.fields,
            in: bytes,
            framing: .switching,
            to: out
        )
        unsafe client.send(out.readable)
        beginTunnel(.upgrade)
    }

    /// The next element of a comma-separated list, without whitespace around it; `offset` goes behind its comma.
    private static func element(
        at offset: inout Int,
        of value: ByteRange,
        in bytes: UnsafeRawBufferPointer
    ) -> ByteRange {
        let start = offset
        while offset < value.end, unsafe bytes[offset] != 0x2C { offset += 1 }
        defer { offset += 1 }
        return unsafe ByteRange(start: start, end: offset).trimmed(in: bytes)
    }

    /// Whether two protocol names are the same; their case counts for nothing.
    private static func isSame(
        _ name: some Collection<UInt8>,
        _ range: ByteRange,
        in bytes: UnsafeRawBufferPointer
    ) -> Bool {
        guard name.count == range.count else { return false }
        var position = range.start
        for byte in name {
            guard unsafe byte.lowercased == bytes[position].lowercased else { return false }
            position += 1
        }
        return true
    }
}
