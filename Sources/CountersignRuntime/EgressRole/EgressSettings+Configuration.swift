package import CountersignConfiguration
import CountersignHTTP1
import CountersignIdentity
import CountersignPKI
import CountersignRouter
import CountersignTransport
import CountersignWorkload

extension EgressSettings {
    /// Makes the settings of a section and the PEM texts that it names.
    ///
    /// Every problem with a certificate or list is added to `problems` with its place in the file; the settings are usable
    /// only when there is none. Authorities and lists must be valid at `now`, in Unix seconds.
    package init(
        _ section: EgressSection,
        pems: PEMMaterial,
        now: Int64,
        problems: inout [ConfigurationProblem]
    ) {
        self.init()
        rules = section.rules
        routers = section.routers.compactMap { SocketAddress(numericHost: "\($0.address)", port: $0.port) }
        routerNames = section.routerID.map { [.spiffe($0)] } ?? []
        certificateDirectory = section.certificateDirectory
        workloads = section.workloads.compactMap(WorkloadRule.init)
        limits.head = HeadLimits(
            maxRequestLineBytes: section.limits.maximumRequestLineBytes,
            maxHeaderLineBytes: section.limits.maximumHeaderLineBytes,
            maxHeadBytes: section.limits.maximumHeadBytes,
            maxHeaderCount: section.limits.maximumHeaders
        )
        limits.maximumConnections = section.limits.maximumConnections
        connectionsPerUser = section.maximumConnectionsPerUser
        lookup.descriptors = Int32(clamping: section.maximumLookupDescriptors)
        timeouts = RouterSettings.timeouts(section.timeouts)
        do throws(RouterSettings.MaterialFault) {
            try readTrust(section, pems, now)
        } catch {
            problems += error.problems
        }
        if case .file(let path) = section.accessLog.destination,
            let fault = WriteCheck.fault(of: path, isReplaced: false)
        {
            problems.append(ConfigurationProblem(place: section.accessLogPlace, message: "the file \(path) \(fault)"))
        }
    }

    private mutating func readTrust(
        _ section: EgressSection,
        _ pems: PEMMaterial,
        _ now: Int64
    ) throws(RouterSettings.MaterialFault) {
        guard !section.authorities.isEmpty else { return }
        let scope: TrustDomainScope = section.routerID.map { .only([$0.trustDomain]) } ?? .unrestricted
        let store = try RouterSettings.store(section.authorities, scope, pems, now)
        trust = store
        var lists: [RevocationList] = []
        for reference in section.revocationLists {
            lists += try RouterSettings.parse(reference, pems) { text throws(PKIError) in
                let lists = try RevocationList.lists(pem: Array(text.utf8))
                for list in lists { try list.check(against: store, atUnixSeconds: now) }
                return lists
            }
        }
        if !section.revocationLists.isEmpty { revocation = .lists(lists) }
    }
}

extension WorkloadRule {
    /// The rule of an element of a list of workloads; `nil` when nothing is asked of the process.
    init?(_ section: AgentWorkloadSection) {
        self.init(
            service: section.service,
            userID: section.userID,
            groupID: section.groupID,
            path: section.path,
            sha256: section.sha256.flatMap(Hexadecimal.bytes(of:))
        )
    }
}
