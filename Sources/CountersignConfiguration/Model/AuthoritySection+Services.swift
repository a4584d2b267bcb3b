import CountersignIdentity

extension AuthoritySection {
    /// The profiles of the file, and the names of those that are there but faulty.
    struct Profiles {
        var values: [String: CertificateProfileSection]
        var names: [String]
        /// Whether ``names`` are those of the file: the section may be none at all.
        var areKnown = true
    }

    /// Reads the profiles; `default` is there whether or not the file has it.
    ///
    /// - Parameter keys: the names of the keys that profiles may want requests to be authenticated with; nil where these
    ///   are faulty themselves.
    static func readProfiles(_ reader: MappingReader, keys: [String]?) -> Profiles {
        var profiles = Profiles(values: [:], names: [])
        let value = reader.value("profiles")
        let entries = value?.entries(of: "profiles by name")
        profiles.areKnown = value == nil || entries != nil
        for entry in entries ?? [] {
            profiles.names.append(entry.key)
            let variables = entry.key == defaultProfile ? CertificateProfileSection.Variables() : nil
            profiles.values[entry.key] = CertificateProfileSection.read(
                entry.value,
                variables: variables,
                keys: keys
            )
        }
        if !profiles.names.contains(defaultProfile) {
            profiles.names.append(defaultProfile)
            profiles.values[defaultProfile] = CertificateProfileSection.standard(reader)
        }
        return profiles
    }

    /// Reads the services; each is of a profile that exists, and no two have the same namespace and name.
    static func readServices(
        _ reader: MappingReader,
        profiles: Profiles,
        trustDomain: TrustDomain?
    ) -> [RegisteredServiceSection] {
        var services: [RegisteredServiceSection] = []
        let names = profiles.areKnown ? profiles.names : nil
        for value in reader.value("services")?.list(of: "services") ?? [] {
            let read = RegisteredServiceSection.read(value, profiles: names, trustDomain: trustDomain)
            guard let service = read else { continue }
            if services.contains(where: { $0.name == service.name && $0.namespace == service.namespace }) {
                value.fail("the service \(service.name) is already registered in the namespace \(service.namespace)")
            }
            services.append(service)
        }
        return services
    }

    private static let defaultProfile = "default"
}
