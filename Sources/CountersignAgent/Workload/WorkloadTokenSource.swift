/// Where the JWT-SVIDs of a host's workloads come from; both calls block.
package struct WorkloadTokenSource: Sendable {
    /// Has a token made for a service and audiences.
    package var issue: @Sendable (_ service: String, _ audiences: [String]) throws(AuthorityCallError) -> String
    /// The trust bundle as a SPIFFE bundle endpoint gives it, with the keys of JWT-SVIDs.
    package var bundle: @Sendable () throws(AuthorityCallError) -> [UInt8]

    /// A source.
    package init(
        issue: @escaping @Sendable (_ service: String, _ audiences: [String]) throws(AuthorityCallError) -> String,
        bundle: @escaping @Sendable () throws(AuthorityCallError) -> [UInt8]
    ) {
        self.issue = issue
        self.bundle = bundle
    }
}
