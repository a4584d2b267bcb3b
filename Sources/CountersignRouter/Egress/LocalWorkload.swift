/// A service of this host whose processes call through the forward proxy, with what they present.
package final class LocalWorkload: Sendable {
    /// The service's name; of a closed set, so that metrics may have it as a label.
    package let name: String
    /// Its certificate and key, exchanged as they rotate; without one, nothing of its is forwarded.
    package let identity: UpstreamIdentityHolder

    /// A workload without an identity, unless `identity` has one.
    package init(name: String, identity: UpstreamIdentityHolder = UpstreamIdentityHolder()) {
        self.name = name
        self.identity = identity
    }
}
