import CountersignTransport

/// Counts what the callers of a server have, so that nobody on the host takes what others need.
struct GRPCAdmission {
    private let settings: GRPCServerSettings
    private var connections = 0
    private var connectionsOfAccounts: [GRPCAccount: Int] = [:]
    private var callsOfAccounts: [GRPCAccount: Int] = [:]

    /// Once three quarters of the connections are taken, the rest is for accounts with fewer than so many.
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
        if let account = Self.account(peer) {
            let count = connectionsOfAccounts[account, default: 0]
            guard count < settings.maximumConnectionsPerAccount else { return .connectionsOfAccount(account) }
            let isScarce = connections >= settings.maximumConnections / 4 * 3
            guard !isScarce || count < Self.fewConnections else { return .connections }
            connectionsOfAccounts[account] = count + 1
        }
        connections += 1
        return nil
    }

    /// A connection that was counted has ended.
    mutating func leave(_ peer: GRPCPeer) {
        connections -= 1
        if let account = Self.account(peer) { Self.decrement(&connectionsOfAccounts, account) }
    }

    /// A connection that was counted belongs to another account from now on, whose bound it may exceed: it has its place.
    mutating func move(from former: GRPCPeer, to peer: GRPCPeer) {
        if let account = Self.account(former) { Self.decrement(&connectionsOfAccounts, account) }
        if let account = Self.account(peer) { connectionsOfAccounts[account, default: 0] += 1 }
    }

    /// Counts a call, which holds what has come of its request.
    ///
    /// - Returns: why it is refused; nil when it is let in.
    mutating func enterCall(_ peer: GRPCPeer) -> GRPCOverload? {
        guard let account = Self.account(peer) else { return nil }
        let count = callsOfAccounts[account, default: 0]
        guard count < settings.maximumCallsPerAccount else { return .callsOfAccount(account) }
        callsOfAccounts[account] = count + 1
        return nil
    }

    /// A call that was counted has ended.
    mutating func leaveCall(_ peer: GRPCPeer) {
        if let account = Self.account(peer) { Self.decrement(&callsOfAccounts, account) }
    }

    private static func account(_ peer: GRPCPeer) -> GRPCAccount? {
        guard case .local(let local) = peer else { return nil }
        return local.account
    }

    private static func decrement(_ counts: inout [GRPCAccount: Int], _ account: GRPCAccount) {
        let left = counts[account, default: 1] - 1
        counts[account] = left > 0 ? left : nil
    }
}
