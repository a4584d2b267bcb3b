/// Finds for a hash one of several members, the same whenever it is asked and by whomever.
///
/// Every router that knows the same members gives the same answer, in whatever order it came to know them. When a member
/// comes or goes, few hashes change theirs besides those that have to. A look-up costs the same however many members there
/// are. (The filling is that of the Maglev load balancer, Eisenbud et al. 2016, section 3.4.)
public struct ConsistentHashTable: Sendable {
    private let places: [Int32]

    /// Makes a table.
    ///
    /// - Parameter names: what each member is known by; distinct.
    public init(names: [[UInt8]]) {
        guard !names.isEmpty, let size = Self.sizes.first(where: { $0 >= names.count * Self.share }) ?? Self.sizes.last
        else {
            places = []
            return
        }
        let hashes = names.map { Self.hash($0.span) }
        // By their names, so that all routers fill the table in the same order.
        let order = names.indices.sorted { left, right in
            hashes[left] != hashes[right]
                ? hashes[left] < hashes[right] : names[left].lexicographicallyPrecedes(names[right])
        }
        var walks = order.map { Walk(hash: hashes[$0], size: size) }
        var places = [Int32](repeating: -1, count: size)
        var left = size
        while left > 0 {
            for (turn, member) in order.enumerated() where left > 0 {
                while places[walks[turn].position] >= 0 { walks[turn].advance(size) }
                places[walks[turn].position] = Int32(member)
                left -= 1
            }
        }
        self.places = places
    }

    /// How many places there are; 0 without members.
    public var count: Int { places.count }

    /// The place of a hash.
    public func place(of hash: UInt64) -> Int {
        places.isEmpty ? 0 : Int(hash % UInt64(places.count))
    }

    /// The member at a place, `nil` without members; the places behind it lead to others.
    public func member(at place: Int) -> Int? {
        places.isEmpty ? nil : Int(places[place % places.count])
    }

    /// A hash that all routers agree on (FNV-1a, with its bits mixed at the end).
    public static func hash(_ bytes: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01B3 }
        return mix(hash)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// A member's own order of all places.
    private struct Walk {
        var position: Int
        private let step: Int

        init(hash: UInt64, size: Int) {
            position = Int(hash % UInt64(size))
            // The size is prime, so that any step leads to every place.
            step = Int(ConsistentHashTable.mix(hash &+ 1) % UInt64(size - 1)) + 1
        }

        mutating func advance(_ size: Int) {
            position += step
            if position >= size { position -= size }
        }
    }

    /// Places for each member, at least: the more, the more alike are their shares.
    private static let share = 32
    private static let sizes = [1021, 4093, 16381, 65521, 262_139, 1_048_573]
}
