/// What a server has refused because there was enough of it.
package enum GRPCOverload: Hashable, Sendable {
    /// A connection beyond those that the processes of one user may have.
    case connectionsOfUser(UInt32)
    /// A connection beyond those that there may be, or of a user who has some in the share that is kept for others.
    case connections
    /// A call beyond those that the processes of one user may have open.
    case callsOfUser(UInt32)
}
