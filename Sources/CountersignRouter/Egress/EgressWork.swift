package import CountersignTransport

/// What calls of local workloads wait for, bounded for each user and each workload; it outlives a reload of the rules.
///
/// Looking callers up and resolving names have threads apart: a resolver that does not answer keeps nobody from being known,
/// and calls to domains need no name at all.
package final class EgressWork: Sendable {
    /// Goes through `/proc`, by the user that opened the connection.
    let callers: FairWork<UInt32>
    /// Resolves names, by the workload that asks for them.
    let names: NameQueries
    /// How many connections each user has.
    let connections = CallerConnections()
    /// Which refusals of callers are logged.
    let refusals = CallerRefusals()

    /// Makes threads and counters for one proxy.
    ///
    /// - Parameters:
    ///   - callers: bounds of looking callers up.
    ///   - names: bounds of resolving names; the backlog is names, and not the requests that wait for them.
    package init(
        callers: FairWork<UInt32>.Bounds = .init(threads: 8, share: 4, backlog: 1024),
        names: FairWork<String>.Bounds = .init(threads: 64, share: 4, backlog: 64)
    ) {
        self.callers = FairWork(name: "callers", callers)
        self.names = NameQueries(names)
    }
}
