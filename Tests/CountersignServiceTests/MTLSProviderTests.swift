import CountersignPKI
import CountersignService
import CountersignTesting
import FoundationEssentials
import Glibc
import Testing

@Suite struct MTLSProviderTests {
    private static func configuration(_ change: (inout MTLSConfiguration) -> Void = { _ in }) -> MTLSConfiguration {
        var configuration = MTLSConfiguration(trustDomain: "dev.local", serviceName: "gateway")
        change(&configuration)
        return configuration
    }

    @Test func defaultsAreThoseOfTheDocumentation() {
        let configuration = MTLSConfiguration()
        #expect(!configuration.isEnabled)
        #expect(configuration.trustDomain == "cluster.local")
        #expect(configuration.serviceName == "router")
        #expect(configuration.namespace == "default")
        #expect(configuration.certificateLifetimeSeconds == 3_600)
        #expect(configuration.authorityCertificatePath == nil && configuration.authorityKeyPath == nil)
        #expect(configuration.trustBundlePath == nil)
        #expect(!configuration.allowsFallback)
        #expect(configuration.verifiesHostName)
    }

    @Test func statusTellsSevenThings() throws {
        let provider = try MTLSProvider(Self.configuration())
        let status = provider.status()
        #expect(status.enabled && status.isCertificateValid && !status.needsRenewal)
        #expect(status.trustDomain == "dev.local")
        #expect(status.spiffeID == "spiffe://dev.local/ns/default/sa/gateway")
        #expect(status.certificateSerial == provider.source?.current.serialNumber)
        #expect((3_500...3_600).contains(status.remainingSeconds))
        let names = try JSONDecoder().decode(Names.self, from: try JSONEncoder().encode(status)).names
        let wanted = "cert_serial cert_valid enabled needs_renewal remaining_secs spiffe_id trust_domain"
        #expect(names.sorted() == wanted.split(separator: " ").map(String.init))
    }

    @Test func renewalIsDueAtHalfOfTheLifetime() throws {
        let provider = try MTLSProvider(Self.configuration())
        let identity = try #require(provider.source?.current)
        let middle = identity.notBefore + (identity.notAfter - identity.notBefore) / 2
        #expect(!provider.status(atUnixSeconds: middle - 1).needsRenewal)
        #expect(provider.status(atUnixSeconds: middle).needsRenewal)
        let after = provider.status(atUnixSeconds: identity.notAfter + 1)
        #expect(!after.isCertificateValid && after.remainingSeconds == 0 && after.needsRenewal)
    }

    @Test func certificateIsRenewedWhileTheProviderRuns() async throws {
        let provider = try MTLSProvider(Self.configuration { $0.certificateLifetimeSeconds = 10 })
        let source = try #require(provider.source)
        let first = source.current.serialNumber
        let events = source.events
        let rotated = await withTaskGroup(of: Void.self) { group -> WorkloadIdentity? in
            group.addTask { try? await provider.run() }
            defer { group.cancelAll() }
            for await case .rotated(let identity) in events { return identity }
            return nil
        }
        #expect(try #require(rotated).serialNumber != first)
        #expect(source.current.serialNumber != first)
        #expect(provider.status().isCertificateValid)
    }

    @Test func turnedOffItHasNoIdentityAndIssuesNothing() throws {
        let provider = try MTLSProvider(MTLSConfiguration())
        #expect(provider.source == nil && provider.authority == nil)
        #expect(!provider.status().enabled && !provider.status().isCertificateValid)
        #expect(throws: ServiceIdentityError(.disabled, "")) { try provider.issueSVID(service: "users") }
    }

    @Test func anAuthorityComesFromFiles() throws {
        let folder = try ScratchFolder()
        let domain = try TrustDomain(parsing: "dev.local")
        let outside = try IssuingAuthority.ephemeral(trustDomain: domain, now: Int64(time(nil)))
        let (certificate, key) = ("\(folder.path)/ca.pem", "\(folder.path)/ca-key.pem")
        try Data(outside.certificatePEM.utf8).write(to: URL(filePath: certificate))
        try Data(outside.keyPEM.utf8).write(to: URL(filePath: key))
        let configuration = Self.configuration {
            $0.authorityCertificatePath = certificate
            $0.authorityKeyPath = key
            $0.trustBundlePath = "\(folder.path)/bundle.pem"
        }
        for mode: mode_t in [0o644, 0o640] {
            try #require(chmod(key, mode) == 0)
            #expect(throws: ServiceIdentityError(.file, "")) { try MTLSProvider(configuration) }
        }
        try #require(chmod(key, 0o600) == 0)
        let provider = try MTLSProvider(configuration)
        let bundle = String(decoding: try Data(contentsOf: URL(filePath: "\(folder.path)/bundle.pem")), as: UTF8.self)
        #expect(bundle == outside.trustBundlePEM)
        let verifier = PeerVerifier(try #require(provider.source), purpose: .server)
        let peer = try provider.issueSVID(service: "users-service")
        #expect((try? verifier.verify(peer.certificateChain).get()) != nil)
    }

    @Test(arguments: [
        configuration { $0.authorityCertificatePath = "/nowhere/ca.pem" },
        configuration { $0.authorityKeyPath = "/nowhere/ca-key.pem" },
        configuration { $0.certificateLifetimeSeconds = 1 },
        configuration { $0.trustDomain = "Not A Domain" },
    ])
    func settingsWithoutMeaningAreRefused(configuration: MTLSConfiguration) {
        #expect(throws: ServiceIdentityError(.setting, "")) { try MTLSProvider(configuration) }
    }

    @Test func exportedFilesAreForTheirOwnerAlone() throws {
        let folder = try ScratchFolder()
        let (certificate, key) = ("\(folder.path)/cert.pem", "\(folder.path)/key.pem")
        let provider = try MTLSProvider(Self.configuration())
        let svid = try provider.issueSVID(service: "users-service", namespace: "shop", lifetimeSeconds: 60)
        try svid.export(certificatePath: certificate, keyPath: key)
        for path in [certificate, key] {
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        }
        try provider.authority?.exportTrustBundle(to: "\(folder.path)/bundle.pem")
        let files = IdentityFiles(
            certificateChain: certificate,
            privateKey: key,
            trustBundle: "\(folder.path)/bundle.pem"
        )
        let source = try IdentitySource.files(files)
        #expect(source.current.spiffeID?.description == "spiffe://dev.local/ns/shop/sa/users-service")
    }

    /// The names of an object's members.
    private struct Names: Decodable {
        let names: [String]

        private struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }

            init(stringValue: String) {
                self.stringValue = stringValue
            }

            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            names = try decoder.container(keyedBy: Name.self).allKeys.map(\.stringValue)
        }
    }
}
