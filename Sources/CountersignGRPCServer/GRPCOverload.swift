/// What a server has refused because there was enough of it.
package enum GRPCOverload: Hashable, Sendable {
    /// A connection beyond those that one account may have.
    case connectionsOfAccount(GRPCAccount)
    /// A connection beyond those that there may be, or of an account that has some in the share that is kept for others.
    case connections
    /// A call beyond those that one account may have open.
    case callsOfAccount(GRPCAccount)
}
