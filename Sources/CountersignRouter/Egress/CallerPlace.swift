/// A place among the connections of a user, which is given back when the connection is closed.
struct CallerPlace {
    /// Where it is counted.
    let connections: CallerConnections
    /// As whose it is counted.
    let account: CallerConnections.Account
}
