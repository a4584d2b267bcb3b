import CountersignPKI

/// The identities of verified clients that were prepared lately, so that one that connects again costs no encoding.
///
/// Each certificate has one place, which it has until another one comes to it: whoever has one cannot take the places of
/// others. Nothing is decided here: whoever asks has had the peer verified for this connection, and gets what was
/// prepared of that very verdict.
struct PreparedIdentities {
    /// That of a connection whose server name is not known yet.
    let unknown = ConnectionIdentity(serverName: [], domain: nil, peer: nil)

    private var places: [ConnectionIdentity?]

    /// Makes places, which are empty; their number is that of the identities at most.
    init(capacity: Int = 1_024) {
        places = Array(repeating: nil, count: max(1, capacity))
    }

    /// How many there are.
    var count: Int { places.count { $0 != nil } }

    /// The identity of a connection whose client was verified, or which needs none.
    mutating func identity(
        serverName: [UInt8],
        domain: MutualTLSDomain?,
        peer: VerifiedPeer?
    ) -> ConnectionIdentity {
        guard let peer else { return ConnectionIdentity(serverName: serverName, domain: domain, peer: nil) }
        let place = place(of: peer)
        if let known = places[place], known.peer === peer, known.domain === domain {
            return known.serverName == serverName ? known : ConnectionIdentity(known, serverName: serverName)
        }
        let prepared = ConnectionIdentity(serverName: serverName, domain: domain, peer: peer)
        let size = prepared.headerTail.count + peer.estimatedSize
        places[place] = size <= Self.largest ? prepared : nil
        return prepared
    }

    /// Forgets all, so that what has left the configuration is not kept alive here.
    mutating func removeAll() {
        places = Array(repeating: nil, count: places.count)
    }

    private func place(of peer: VerifiedPeer) -> Int {
        let number = peer.sha256.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(number % UInt64(places.count))
    }

    /// The most bytes that one may have in certificates, what is read from them, and headers.
    private static let largest = 16 * 1_024
}
