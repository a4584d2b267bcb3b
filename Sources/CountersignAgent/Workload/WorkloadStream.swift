import CountersignGRPCServer
import CountersignPKI
import Synchronization

/// A caller that is told of every change until it goes away.
final class WorkloadStream: Sendable {
    /// What a caller follows; the raw value is the metric's label.
    enum Kind: String, Sendable {
        case svids = "FetchX509SVID"
        case bundles = "FetchX509Bundles"
        case tokenKeys = "FetchJWTBundles"
    }

    let kind: Kind
    let call: GRPCCall
    let peer: GRPCLocalPeer
    /// The digest of what was sent last: the message itself has keys in it.
    private let sent = Mutex<[UInt8]?>(nil)

    init(_ kind: Kind, _ call: GRPCCall, _ peer: GRPCLocalPeer) {
        self.kind = kind
        self.call = call
        self.peer = peer
    }

    /// Sends a message unless it is what the caller was told last.
    ///
    /// - Returns: whether it was sent.
    func send(_ message: [UInt8]) -> Bool {
        var digest = ContentDigest()
        digest.add(message)
        let bytes = digest.bytes
        let isNew = sent.withLock { sent in
            defer { sent = bytes }
            return sent != bytes
        }
        if isNew { call.send(message) }
        return isNew
    }
}
