/// What the publisher of revocation information signs, and the CFSSL API hands out as well; what is nil is not served.
package struct CFSSLPublications: Sendable {
    /// The newest revocation list in DER; answers nil before there is one.
    package var revocationList: (@Sendable () -> [UInt8]?)?

    package init(revocationList: (@Sendable () -> [UInt8]?)? = nil) {
        self.revocationList = revocationList
    }
}
