import CountersignAuthority
import CountersignConfiguration
import CountersignFiles
import CountersignPKI

extension TokenSettings {
    /// The settings from the configuration file.
    init(_ section: TokenIssuanceSection, publicURL: String?) {
        self.init(
            issuer: section.issuer ?? publicURL ?? "",
            maximumLifetimeSeconds: section.maximumLifetime.components.seconds,
            rotationSeconds: section.rotation.components.seconds,
            leadSeconds: section.lead.components.seconds
        )
        lifetimeSeconds = section.lifetime.components.seconds
        audiences = section.audiences
        keyKind = PrivateKey.Kind(rawValue: section.key.rawValue) ?? .p256
        rate = RateLimit(perSecond: Double(section.rate), burst: 20 * Double(section.rate))
    }
}

extension AuthoritySection {
    /// Where the signing keys of tokens are kept; nil when no tokens are issued.
    var tokenKeysPath: String? {
        guard let tokens else { return nil }
        if let path = tokens.keysPath { return path }
        guard case .sqlite(let database, _) = store else { return nil }
        return "\(Folder.parent(of: database))/token-keys.json"
    }
}
