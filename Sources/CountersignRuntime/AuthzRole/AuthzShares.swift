/// How the descriptors that a process of forward-auth has for connections are shared out among its listeners.
///
/// No listener can take what another was given: all shares together are no more than there is.
struct AuthzShares: Equatable {
    /// Event loops of the HTTP listener, at least 1: one for each processor, unless each would have too few connections.
    let threads: Int
    /// The most connections of each of them, and of the gRPC listener.
    let connections: Int
    /// The most connections of the admin listener.
    let adminConnections: Int
    /// How many descriptors there would have to be for every share to be the largest.
    let wanted: Int

    /// Shares descriptors out.
    ///
    /// - Parameters:
    ///   - descriptors: how many there are beside those that the process needs for itself; of fewer than 128 the bounds are
    ///     no more than the smallest ones with which anything works.
    ///   - processors: how many event loops there are to be.
    ///   - hasGRPC: whether there is a gRPC listener, which has one more.
    init(descriptors: Int, processors: Int, hasGRPC: Bool) {
        let others = hasGRPC ? 1 : 0
        adminConnections = max(8, min(Self.mostOfAdmin, descriptors / 8))
        let left = max(0, descriptors - adminConnections)
        threads = max(1, min(processors, left / (Self.few + Self.ofLoop) - others))
        connections = max(8, min(Self.most, left / (threads + others) - Self.ofLoop))
        wanted = Self.mostOfAdmin + (processors + others) * (Self.most + Self.ofLoop)
    }

    /// Whether every share is the largest.
    func isWhole(for processors: Int) -> Bool {
        connections == Self.most && adminConnections == Self.mostOfAdmin && threads == processors
    }

    private static let most = 4_096
    private static let mostOfAdmin = 512
    /// One thread less is better than threads with fewer connections each.
    private static let few = 64
    /// An event loop has its listening socket, and two descriptors by which it waits.
    private static let ofLoop = 3
}
