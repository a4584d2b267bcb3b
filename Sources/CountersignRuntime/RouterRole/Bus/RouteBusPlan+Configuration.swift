import CountersignConfiguration
import CountersignNATS
import CountersignPKI

extension RouteBusPlan {
    /// Reads what the section needs.
    static func read(
        _ section: NATSSection,
        _ pems: PEMMaterial,
        _ secrets: SecretMaterial,
        _ now: Int64
    ) throws(RouterSettings.MaterialFault) -> RouteBusPlan {
        var authorities: [[UInt8]] = []
        for reference in section.authorities {
            authorities += try RouterSettings.parse(reference, pems) { text throws(PKIError) in
                try TrustStore(pem: text, atUnixSeconds: now).authoritiesDER
            }
        }
        var trust: TrustStore?
        if section.usesTLS, let first = section.authorities.first {
            do throws(PKIError) {
                trust = try TrustStore(derCertificates: authorities)
            } catch {
                throw RouterSettings.problem(first, error.message)
            }
        }
        return RouteBusPlan(
            servers: section.hosts,
            credentials: credentials(section, secrets),
            trust: trust,
            identity: try section.certificate.map { certificate throws(RouterSettings.MaterialFault) in
                try RouterSettings.identity(certificate, pems, now)
            },
            rules: Rules(
                suspendsPruning: section.suspendsPruningWhenUnavailable,
                pruneInterval: section.pruneInterval,
                staleThreshold: section.staleThreshold,
                startDelay: section.startResponseDelay
            )
        )
    }

    private static func credentials(_ section: NATSSection, _ secrets: SecretMaterial) -> NATSCredentials {
        if let token = section.token.flatMap({ secrets[$0] }), !token.isEmpty { return .token(token.reveal()) }
        let password = section.password.flatMap { secrets[$0] }?.reveal() ?? ""
        return section.user.isEmpty && password.isEmpty ? .none : .user(section.user, password: password)
    }
}
