import CountersignPKI

/// Who is trusted to be the authority: those that the operator pinned, and those of the bundle that it sent.
struct AgentTrust {
    /// The authorities of the pinned file and of the bundle; nil while there are none.
    private(set) var store: TrustStore?
    /// The bundle as it was sent.
    private(set) var bundle: [UInt8]?

    private var pinned: [[UInt8]]
    private var ofBundle: [[UInt8]] = []

    /// - Throws: ``PKIError`` when the pinned authorities cannot be used. A bundle that cannot be used is left out.
    init(pinned: [UInt8]?, bundle: [UInt8]?) throws(PKIError) {
        self.pinned = try pinned.map { pem throws(PKIError) in try TrustStore(pem: pem).authoritiesDER } ?? []
        try combine()
        if let bundle { _ = try? replace(bundle) }
    }

    /// The authorities of the bundle in DER, without those that are pinned beside it.
    var bundleAuthorities: [[UInt8]] { ofBundle }

    /// Takes further authorities that the operator has named.
    mutating func pin(_ pem: [UInt8]) throws(PKIError) {
        pinned += try TrustStore(pem: pem).authoritiesDER
        try combine()
    }

    /// Takes a new bundle.
    ///
    /// - Returns: whether it differs from the one before.
    /// - Throws: ``PKIError`` when it holds no authorities; the one before stays then.
    mutating func replace(_ bundle: [UInt8]) throws(PKIError) -> Bool {
        guard bundle != self.bundle else { return false }
        ofBundle = try TrustStore(pem: bundle).authoritiesDER
        try combine()
        self.bundle = bundle
        return true
    }

    /// Why a certificate is not vouched for; nil when it is, at its own time of validity that is nearest to now.
    func fault(of identity: HeldIdentity, now: Int64) -> String? {
        guard let store else { return "there is no authority to verify it by" }
        let moment = min(max(now / 1000, identity.leaf.notBefore), identity.leaf.notAfter)
        let chain = UnverifiedPeerChain(derCertificates: identity.chainDER)
        switch ChainVerifier(trust: store, purpose: .any).verify(chain, atUnixSeconds: moment) {
        case .success: return nil
        case .failure(let rejection): return rejection.explanation
        }
    }

    private mutating func combine() throws(PKIError) {
        let all = pinned + ofBundle
        store = all.isEmpty ? nil : try TrustStore(derCertificates: all)
    }
}
