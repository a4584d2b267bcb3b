import CountersignIdentity

/// A verified caller's identity, laid out for decisions: what a decision looks at is one load away and hashed before.
///
/// A class, so that a caller is passed from request to request as one reference.
final class CallerKey: Sendable {
    let identity: CallerIdentity
    let isAmbiguous: Bool
    let app: CloudFoundryGUID?
    let space: CloudFoundryGUID?
    let organization: CloudFoundryGUID?
    let spiffeID: SPIFFEID?
    let spiffeHashes: SPIFFEIDHashes?

    init(_ identity: CallerIdentity) {
        self.identity = identity
        self.isAmbiguous = identity.ambiguity != nil
        self.app = identity.cloudFoundry?.app
        self.space = identity.cloudFoundry?.space
        self.organization = identity.cloudFoundry?.organization
        self.spiffeID = identity.spiffeID
        self.spiffeHashes = identity.spiffeID.map { SPIFFEIDHashes($0) }
    }
}

extension CallerKey: Hashable {
    static func == (left: CallerKey, right: CallerKey) -> Bool {
        left === right || left.identity == right.identity
    }

    func hash(into hasher: inout Hasher) { hasher.combine(identity) }
}
