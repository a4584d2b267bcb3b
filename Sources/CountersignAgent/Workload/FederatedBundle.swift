/// What verifies identities of another trust domain; good for that trust domain alone.
package struct FederatedBundle: Sendable, Hashable {
    /// The authorities in DER.
    package var authoritiesDER: [[UInt8]]
    /// The keys of JWT-SVIDs, a document of RFC 7517; nil while they are not known.
    package var tokenKeys: [UInt8]?

    /// A bundle.
    package init(authoritiesDER: [[UInt8]], tokenKeys: [UInt8]? = nil) {
        self.authoritiesDER = authoritiesDER
        self.tokenKeys = tokenKeys
    }
}
