import CountersignTelemetry
import CountersignTransport

/// Connections without TLS, on listeners that take them while callers change over.
///
/// They have no identity, whatever they send, and each of their requests is counted by where it comes from.
extension ClientConnection {
    /// Whether requests come without TLS here.
    var isPlain: Bool { session == nil && phase == .open }

    /// Whether the listener takes requests without TLS as of now.
    var isListenerPermissive: Bool { worker.snapshot.traffic.permissiveListeners.contains(listener) }

    /// Serves a connection that does not begin as TLS does.
    func startPlain(_ bytes: UnsafeRawBufferPointer) {
        let plain = worker.plain
        plain.removeAll()
        unsafe plain.append(bytes)
        releaseInbound()
        phase = .open
        logFragment = ConnectionLogFragment(self, form: worker.logForm)
        limitLifetime()
        guard !worker.isDraining else {
            close()
            return
        }
        idleSince = worker.loop.now
        setRequestDeadline(worker.timeouts.keepAlive)
        serve(plain)
    }

    func receivePlain(_ bytes: UnsafeRawBufferPointer) {
        let plain = worker.plain
        plain.removeAll()
        unsafe plain.append(bytes)
        serve(plain)
    }

    /// Counts a request without TLS, or an attempt at one, by the client's address.
    func countPlaintext() {
        let counter = plaintextCounter ?? worker.metrics.mtls.plaintextRequests.child(remote.host)
        plaintextCounter = counter
        counter.add()
    }
}

extension RouterWorker {
    /// Ends idle connections without TLS on listeners that have become strict; busy ones end with their response.
    func endPlainConnections() {
        for client in clients.values where client.isPlain && !client.isListenerPermissive {
            if let exchange = client.exchange {
                if exchange.isTunnel { client.cut("plaintext_refused") } else { exchange.keepsClient = false }
            } else {
                client.close()
            }
        }
    }
}
