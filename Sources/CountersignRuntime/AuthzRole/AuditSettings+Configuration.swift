import CountersignAudit
import CountersignConfiguration
import CountersignPKI

extension AuditSettings {
    /// What a section and the files that it names come to.
    ///
    /// - Returns: nil when a file could not be read, which the loader has told then.
    init?(_ section: AuditSection, _ pems: PEMMaterial, _ secrets: SecretMaterial) {
        self.init()
        file = section.file.map { File(path: $0.path, isGroupReadable: $0.mode == .group) }
        refusesUnkept = section.whenFull == .refuseRequests
        syncInterval = section.syncInterval
        guard let kafka = section.kafka, let spool = section.spool else { return }
        guard let settings = KafkaSettings(kafka, pems, secrets) else { return nil }
        self.kafka = (settings, Spool(folder: spool.path, maximumBytes: spool.maximumBytes))
    }

    /// What is wrong with the certificates that a section names.
    static func problems(_ section: AuditSection, _ pems: PEMMaterial, now: Int64) -> [ConfigurationProblem] {
        guard let kafka = section.kafka else { return [] }
        var problems: [ConfigurationProblem] = []
        func check(_ body: () throws(RouterSettings.MaterialFault) -> Void) {
            do throws(RouterSettings.MaterialFault) {
                try body()
            } catch {
                problems += error.problems
            }
        }
        for reference in kafka.authorities {
            check { () throws(RouterSettings.MaterialFault) in
                _ = try RouterSettings.parse(reference, pems) { text throws(PKIError) in
                    try TrustStore(pem: text, atUnixSeconds: now)
                }
            }
        }
        if let certificate = kafka.certificate {
            check { () throws(RouterSettings.MaterialFault) in
                _ = try RouterSettings.identity(certificate, pems, now)
            }
        }
        return problems
    }
}

extension KafkaSettings {
    /// What a section and the files that it names come to.
    ///
    /// - Returns: nil when a file could not be read, which the loader has told then.
    fileprivate init?(_ section: KafkaSection, _ pems: PEMMaterial, _ secrets: SecretMaterial) {
        self.init(brokers: section.brokers, topic: section.topic)
        if section.usesTLS {
            let authorities = section.authorities.compactMap { pems[$0] }
            guard authorities.count == section.authorities.count else { return nil }
            var tls = TLS(authorities: authorities.joined(separator: "\n"))
            if let certificate = section.certificate {
                guard let chain = pems[certificate.chain], let key = pems[certificate.privateKey] else { return nil }
                (tls.certificate, tls.key) = (chain, key)
            }
            self.tls = tls
        }
        if let user = section.user {
            guard let password = secrets[user.password] else { return nil }
            self.user = User(mechanism: user.mechanism.rawValue, name: user.name, password: password.reveal())
        }
    }
}
