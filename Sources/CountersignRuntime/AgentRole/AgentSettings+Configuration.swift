import CountersignAgent
import CountersignConfiguration
import CountersignFiles
import CountersignIssuance
import CountersignPKI
import CountersignTransport
import Glibc

extension AgentSettings {
    /// Takes what the configuration says.
    init(_ section: AgentSection, pems: PEMMaterial) {
        let file = section.joinTokenFile
        self.init(
            services: section.services.map { ServiceSettings($0, rule: section.renewsBefore) },
            hostName: Self.systemHostName,
            joinTokenPlace: file ?? "a file that agent.join_token_file names",
            joinTicket: { () throws(AuthorityCallError) in try file.flatMap(Self.readTicket) }
        )
        let texts = section.authorities.compactMap { pems[$0] }
        pinnedAuthorities = texts.isEmpty ? nil : Array(texts.joined(separator: "\n").utf8)
        keyKind = PrivateKey.Kind(rawValue: section.key.rawValue) ?? .p256
        keyLifetime = section.keyLifetime.wholeMilliseconds
        reserve = section.alarmBelow
        bundleInterval = section.bundleInterval.wholeMilliseconds
        keepsRevocationLists = section.keepsRevocationLists
    }

    /// Reads the file with the join token; nil when there is none.
    private static func readTicket(_ path: String) throws(AuthorityCallError) -> JoinTicket? {
        let bytes: [UInt8]
        do {
            let file = try FileContent.read(path, maximumBytes: 256 * 1024)
            guard file.permissions & 0o077 == 0 else {
                throw AuthorityCallError(.local, "the join token in \(path) is open to others; chmod 600 mends it")
            }
            bytes = file.bytes
        } catch let error as AuthorityCallError {
            throw error
        } catch {
            if (error as? SystemError)?.code == ENOENT { return nil }
            throw AuthorityCallError(.local, "\(error)")
        }
        do {
            return try JoinTicket(content: bytes)
        } catch {
            throw AuthorityCallError(.local, "the file \(path) cannot be used: \(error.message)")
        }
    }

    private static var systemHostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension ServiceSettings {
    /// - Parameter rule: how long before their end certificates are renewed where the service says nothing.
    init(_ section: AgentServiceSection, rule: Duration?) {
        self.init(
            name: section.name,
            reload: section.reload.map(ReloadAction.init),
            rule: (section.renewsBefore ?? rule).map { .before(seconds: $0.components.seconds) }
        )
        followsRevocationLists = section.followsRevocationLists
        keyAccess = section.key.map { KeyAccess($0) }
    }
}

extension KeyAccess {
    /// Who may read a key; an account that the system does not know was refused before.
    init(_ section: AgentServiceSection.Key) {
        self.init(
            userID: section.owner.flatMap(SystemAccount.userID),
            groupID: section.group.flatMap(SystemAccount.groupID),
            isGroupReadable: section.isGroupReadable
        )
    }
}

extension ReloadAction {
    init(_ section: AgentServiceSection.Reload) {
        switch section {
        case .command(let arguments, let timeout): self = .command(arguments, timeout: timeout)
        case .signal(let signal, let pidFile):
            self = .signal(ReloadSignal(rawValue: signal.rawValue) ?? .hup, pidFile: pidFile)
        }
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
