/// Which process of this host is at the other end of a client's connection.
///
/// It is looked up once, before anything of the connection is read.
struct LocalOrigin {
    /// Who it is, under the rules of the moment at which the connection was opened.
    let caller: LocalCaller

    /// The workload; `nil` for a caller that is refused.
    var workload: LocalWorkload? {
        if case .workload(let workload) = caller { workload } else { nil }
    }
}
