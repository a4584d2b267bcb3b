import CountersignTLS
import CountersignTransport

extension ClientConnection {
    var isTunnel: Bool { exchange?.isTunnel ?? false }

    /// Whether bytes of a tunnel can be passed on: its directions do not wait for each other.
    ///
    /// What the session itself has to say may gather while the client does not read, up to a bound.
    func tunnelWantsBytes(_ exchange: Exchange) -> Bool {
        if unsent.heldCount >= Self.tunnelWatermark { return false }
        return exchange.wantsRequestBody
    }

    /// Says that no more comes, while what the client sends is still taken.
    func endTunnelWriting() {
        session?.closeNotify()
        flushCiphertext()
        flushDue()
        if !unsent.isHeld { Socket.shutdownWriting(descriptor) }
    }

    /// Both directions of the socket have ended; what came before is still to be read.
    ///
    /// - Returns: whether that is so, and the connection must not be taken for broken.
    func takesLastBytes() -> Bool {
        guard let exchange, exchange.isTunnel, exchange.tunnel.hasToldClient else { return false }
        return true
    }

    private static let tunnelWatermark = 4 * RouterLimits.writeWatermark
}
