import CountersignTransport

/// Counts what the callers of a server have, so that no user of the host takes what others need.
struct GRPCAdmission {
    private let settings: GRPCServerSettings
    private var connections = 0
    private var connectionsOfUsers: [UInt32: Int] = [:]
    private var callsOfUsers: [UInt32: Int] = [:]

    /// Once three quarters of the connections are taken, the rest is for users with fewer than so many.
    private static let fewConnections = 16

    /// Nobody is there.
    init(_ settings: GRPCServerSettings) {
        self.settings = settings
    }

    /// Counts a connection.
    ///
    /// - Returns: why it is refused; nil when it is let in.
    mutating func enter(_ peer: GRPCPeer) -> GRPCOverload? {
        guard connections < settings.maximumConnections else { return .connections }
        if let user = Self.user(peer) {
            let count = connectionsOfUsers[user, default: 0]
            guard count < settings.maximumConnectionsPerUser else { return .connectionsOfUser(user) }
            let isScarce = connections >= settings.maximumConnections / 4 * 3
            guard !isScarce || count < Self.fewConnections else { return .connections }
            connectionsOfUsers[user] = count + 1
        }
        connections += 1
        return nil
    }

    /// A connection that was counted has ended.
    mutating func leave(_ peer: GRPCPeer) {
        connections -= 1
        if let user = Self.user(peer) { Self.decrement(&connectionsOfUsers, user) }
    }

    /// Counts a call, which holds what has come of its request.
    ///
    /// - Returns: why it is refused; nil when it is let in.
    mutating func enterCall(_ peer: GRPCPeer) -> GRPCOverload? {
        guard let user = Self.user(peer) else { return nil }
        let count = callsOfUsers[user, default: 0]
        guard count < settings.maximumCallsPerUser else { return .callsOfUser(user) }
        callsOfUsers[user] = count + 1
        return nil
    }

    /// A call that was counted has ended.
    mutating func leaveCall(_ peer: GRPCPeer) {
        if let user = Self.user(peer) { Self.decrement(&callsOfUsers, user) }
    }

    private static func user(_ peer: GRPCPeer) -> UInt32? {
        guard case .local(let local) = peer else { return nil }
        return local.credentials.userID
    }

    private static func decrement(_ counts: inout [UInt32: Int], _ user: UInt32) {
        let left = counts[user, default: 1] - 1
        counts[user] = left > 0 ? left : nil
    }
}
