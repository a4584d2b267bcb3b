import CountersignPKI

/// The identities of verified clients that were prepared lately, so that one that connects again costs no encoding.
///
/// Each has one place, which it has until another one comes to it. Nothing is decided here: whoever asks has had the peer
/// verified for this connection.
struct PreparedIdentities {
    /// That of a connection whose server name is not known yet.
    let unknown = ConnectionIdentity(serverName: [], domain: nil, peer: nil)

    private var places = [ConnectionIdentity?](repeating: nil, count: capacity)

    /// The identity of a connection whose client was verified, or which needs none.
    mutating func identity(
        serverName: [UInt8],
        domain: MutualTLSDomain?,
        peer: VerifiedPeer?
    ) -> ConnectionIdentity {
        guard let peer else { return ConnectionIdentity(serverName: serverName, domain: domain, peer: nil) }
        let place = ObjectIdentifier(peer).hashValue & (Self.capacity - 1)
        if let known = places[place], known.peer === peer, known.domain === domain, known.serverName == serverName {
            return known
        }
        let prepared = ConnectionIdentity(serverName: serverName, domain: domain, peer: peer)
        places[place] = prepared.size <= Self.largest ? prepared : nil
        return prepared
    }

    /// Forgets all; what has left the configuration is not kept alive here.
    mutating func removeAll() {
        places = Array(repeating: nil, count: Self.capacity)
    }

    /// How many there are at most; a power of two.
    private static let capacity = 1_024
    /// The most bytes that one may have in certificates and headers.
    private static let largest = 16 * 1_024
}

extension ConnectionIdentity {
    /// About how much memory it keeps.
    fileprivate var size: Int {
        headerTail.count + (peer.map { $0.leafDER.count + $0.issuersDER.reduce(0) { $0 + $1.count } } ?? 0)
    }
}
