import CountersignIdentity
import CountersignRouting

/// What a route's endpoints are found by besides their turn; made of what is asked for, when it is.
struct EndpointIndex {
    private let endpoints: [Endpoint]
    private var zone: (name: String, members: [Int32])?
    private lazy var table = ConsistentHashTable(names: endpoints.map { Self.name(of: $0) })
    private lazy var byName = Dictionary(
        endpoints.indices.map { (ConsistentHashTable.hash(Self.name(of: endpoints[$0]).span), Int32($0)) },
        uniquingKeysWith: { first, _ in first }
    )

    init(_ endpoints: [Endpoint]) {
        self.endpoints = endpoints
    }

    /// The endpoints of an availability zone.
    mutating func members(of name: String) -> [Int32] {
        if let zone, zone.name == name { return zone.members }
        let members = endpoints.indices.filter { endpoints[$0].instance.zone == name }.map { Int32($0) }
        zone = (name, members)
        return members
    }

    /// Where endpoints are found by hashes.
    mutating func hashTable() -> ConsistentHashTable { table }

    /// The endpoint of a name; `nil` when there is none.
    mutating func position(of name: Span<UInt8>) -> Int? {
        guard let found = byName[ConsistentHashTable.hash(name)] else { return nil }
        let own = Self.name(of: endpoints[Int(found)])
        guard own.count == name.count else { return nil }
        for index in own.indices where own[index] != name[index] { return nil }
        return Int(found)
    }

    /// What an endpoint is called toward clients, and by all routers alike: its instance's id, or a hash of its address, so
    /// that nobody learns that.
    static func name(of endpoint: Endpoint) -> [UInt8] {
        if let id = endpoint.instance.id, !id.isEmpty { return Array(id.utf8) }
        let host = endpoint.resolved?.description ?? endpoint.host
        let hash = ConsistentHashTable.hash(Array("\(host) \(endpoint.port)".utf8).span)
        return Array(String(hash, radix: 16).utf8)
    }
}
