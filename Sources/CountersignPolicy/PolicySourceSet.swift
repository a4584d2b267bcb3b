import CountersignIdentity

/// Sources of a policy in hashed sets, by the parts of a caller's identity.
struct PolicySourceSet: Sendable {
    /// The kinds of sources that there are.
    let kinds: PolicySourceKinds

    private let apps: Set<CloudFoundryGUID>
    private let spaces: Set<CloudFoundryGUID>
    private let organizations: Set<CloudFoundryGUID>
    private let patterns: SPIFFEPatternIndex

    init(_ sources: [PolicySource]) {
        var kinds: PolicySourceKinds = []
        var apps: Set<CloudFoundryGUID> = []
        var spaces: Set<CloudFoundryGUID> = []
        var organizations: Set<CloudFoundryGUID> = []
        var patterns: [SPIFFEIDPattern] = []
        for source in sources {
            switch source {
            case .app(let guid):
                kinds.insert(.apps)
                apps.insert(guid)
            case .space(let guid):
                kinds.insert(.spaces)
                spaces.insert(guid)
            case .organization(let guid):
                kinds.insert(.organizations)
                organizations.insert(guid)
            case .any:
                kinds.insert(.any)
            case .spiffe(let pattern):
                kinds.insert(.spiffe)
                patterns.append(pattern)
            }
        }
        self.kinds = kinds
        self.apps = apps
        self.spaces = spaces
        self.organizations = organizations
        self.patterns = SPIFFEPatternIndex(patterns)
    }

    /// The source that permits the caller, or `nil` when none does.
    ///
    /// Allocates nothing.
    func source(permitting caller: CallerKey) -> PolicySource? {
        if let app = caller.app {
            if kinds.contains(.any) { return .any }
            if kinds.contains(.apps), apps.contains(app) { return .app(app) }
            if kinds.contains(.spaces), let space = caller.space, spaces.contains(space) { return .space(space) }
            if kinds.contains(.organizations), let organization = caller.organization,
                organizations.contains(organization)
            {
                return .organization(organization)
            }
        }
        if kinds.contains(.spiffe), let id = caller.spiffeID, let hashes = caller.spiffeHashes {
            return patterns.match(id, hashes).map { .spiffe($0) }
        }
        return nil
    }
}
