import CountersignPKI

/// A connection that a ``ConnectionIndex`` can hold.
protocol IndexedConnection: AnyObject {
    /// The connections of the same peer, this one among them; nil while the index does not hold it.
    var peerGroup: PeerGroup<Self>? { get set }
    /// Its position there.
    var positionInPeerGroup: Int { get set }
}

/// The open connections of one worker that one verified chain stands behind.
final class PeerGroup<Connection: IndexedConnection> {
    /// The peer whose identity as an object tells groups apart; held, so that no other takes its place.
    fileprivate let peer: AnyObject
    fileprivate let keys: [RevocationKey]
    fileprivate(set) var connections: [Connection] = []

    fileprivate init(peer: AnyObject, keys: [RevocationKey]) {
        self.peer = peer
        self.keys = keys
    }
}

/// Finds the open connections that depend on a certificate, be it the peer's own or one above it.
///
/// Finding costs as much as there is to be found, however many connections are open; adding and removing cost the
/// same whatever is held. Connections of one ``CountersignPKI/VerifiedPeer`` share what the index keeps.
struct ConnectionIndex<Connection: IndexedConnection> {
    /// Most keys are those of leaves and lead to one group; an authority's leads to many.
    private enum Groups {
        case one(PeerGroup<Connection>)
        case many(Members)
    }

    /// Shared by reference, so that adding to thousands of groups below one authority copies none of them.
    private final class Members {
        var groups: [ObjectIdentifier: PeerGroup<Connection>] = [:]

        func insert(_ group: PeerGroup<Connection>) {
            groups[ObjectIdentifier(group)] = group
        }
    }

    private var groups: [ObjectIdentifier: PeerGroup<Connection>] = [:]
    private var groupsByKey: [RevocationKey: Groups] = [:]

    /// How many peers have connections.
    var peerCount: Int { groups.count }

    /// How many certificates connections depend on, counted once for each way to name them.
    var keyCount: Int { groupsByKey.count }

    /// Adds a connection, which must not be held yet.
    ///
    /// - Parameters:
    ///   - peer: the object that stands for the verified chain.
    ///   - keys: what the chain's certificates are revoked by; asked for when the peer is new.
    mutating func insert(_ connection: Connection, of peer: AnyObject, keys: () -> [RevocationKey]) {
        let identifier = ObjectIdentifier(peer)
        let group = groups[identifier] ?? addGroup(identifier, PeerGroup(peer: peer, keys: keys()))
        connection.peerGroup = group
        connection.positionInPeerGroup = group.connections.count
        group.connections.append(connection)
    }

    /// Removes a connection; one that is not held is none of its business.
    mutating func remove(_ connection: Connection) {
        guard let group = connection.peerGroup else { return }
        connection.peerGroup = nil
        let position = connection.positionInPeerGroup
        let last = group.connections.removeLast()
        if last !== connection {
            group.connections[position] = last
            last.positionInPeerGroup = position
        }
        if group.connections.isEmpty { drop(group) }
    }

    /// The connections that depend on any certificate that one of the keys names.
    func connections(under keys: some Collection<RevocationKey>) -> [Connection] {
        var found: [ObjectIdentifier: PeerGroup<Connection>] = [:]
        for key in keys {
            switch groupsByKey[key] {
            case .one(let group): found[ObjectIdentifier(group)] = group
            case .many(let members): for group in members.groups.values { found[ObjectIdentifier(group)] = group }
            case nil: break
            }
        }
        return found.values.flatMap(\.connections)
    }

    /// The connections that depend on any certificate for whose key `isMeant` is true; looks at all keys.
    func connections(where isMeant: (RevocationKey) -> Bool) -> [Connection] {
        connections(under: groupsByKey.keys.filter(isMeant))
    }

    private mutating func addGroup(
        _ identifier: ObjectIdentifier,
        _ group: PeerGroup<Connection>
    ) -> PeerGroup<Connection> {
        groups[identifier] = group
        for key in group.keys {
            switch groupsByKey[key] {
            case nil: groupsByKey[key] = .one(group)
            case .one(let other) where other === group: break
            case .one(let other):
                let members = Members()
                members.insert(other)
                members.insert(group)
                groupsByKey[key] = .many(members)
            case .many(let members): members.insert(group)
            }
        }
        return group
    }

    private mutating func drop(_ group: PeerGroup<Connection>) {
        groups[ObjectIdentifier(group.peer)] = nil
        for key in group.keys {
            switch groupsByKey[key] {
            case .many(let members):
                members.groups[ObjectIdentifier(group)] = nil
                if members.groups.isEmpty { groupsByKey[key] = nil }
            case .one, nil: groupsByKey[key] = nil
            }
        }
    }
}
