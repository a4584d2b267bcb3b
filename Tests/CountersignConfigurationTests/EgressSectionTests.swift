import CountersignConfiguration
import CountersignIdentity
import CountersignPolicy
import Testing

@Suite struct EgressSectionTests {
    private static let smallest = """
        egress:
          domains: ["*.apps.internal"]
          routers: ["10.0.0.5:8443"]
          ca_certs: pki/client-ca.pem
          cert_dir: run/certs
          workloads: [{ service: orders, uid: 1000 }]

        """

    private func section(_ yaml: String) throws -> EgressSection {
        let result = load(yaml)
        #expect(result.problems == [])
        return try #require(result.configuration?.egress)
    }

    private func problems(_ yaml: String) -> [String] {
        load(yaml).problems.map { "\($0.place.path): \($0.message)" }
    }

    @Test func whatIsLeftOutHasTheStatedDefaults() throws {
        let section = try section(Self.smallest)
        #expect(section.listen.description == "127.0.0.1:8888")
        #expect(section.rules.others == .refuse && section.rules.tunnelPorts == [443])
        #expect(section.rules.allowed.isEmpty && section.rules.denied.isEmpty)
        #expect(section.routers.map(\.description) == ["10.0.0.5:8443"])
        #expect(section.routerID == nil && section.revocationLists.isEmpty && section.workers == nil)
        #expect(section.certificateDirectory == "run/certs")
        #expect(section.workloads.map(\.service) == ["orders"] && section.workloads.first?.userID == 1000)
        #expect(section.limits == LimitsSection() && section.timeouts == TimeoutsSection())
    }

    @Test func allKeysAreRead() throws {
        let section = try section(
            Self.smallest + """
                  listen: "[::1]:3128"
                  router_spiffe_id: spiffe://mesh.internal/router
                  others: pass
                  allow: ["*.example.com:80", 192.0.2.0/24]
                  deny: [metadata.internal]
                  connect_ports: [443, 5432]
                  workers: 2
                  timeouts: { connect: 1s }
                  access_log: { path: "off" }
                """
        )
        #expect(section.listen.description == "[::1]:3128" && section.workers == 2)
        #expect(section.routerID?.description == "spiffe://mesh.internal/router")
        #expect(section.rules.others == .pass)
        #expect(section.rules.allowed.map(\.description) == ["*.example.com:80", "192.0.2.0/24"])
        #expect(section.rules.denied.map(\.description) == ["metadata.internal"])
        #expect(section.rules.tunnelPorts == [443, 5432])
        #expect(section.timeouts.connect == .seconds(1) && section.accessLog.destination == .off)
    }

    @Test(arguments: ["0.0.0.0", "10.0.0.1", "192.0.2.1"])
    func anAddressBeyondLoopbackIsRefused(host: String) {
        let found = problems(Self.smallest + "  listen: \"\(host):8888\"\n")
        #expect(found.count == 1 && found[0].hasPrefix("egress.listen: "))
        #expect(found[0].contains("no address of loopback"))
    }

    @Test func domainsNeedWhatTheyAreCalledWith() {
        let found = problems("egress: { domains: [a.internal], workloads: [{ service: a, uid: 1 }] }\n")
        #expect(found.map { $0.prefix { $0 != ":" } } == ["egress.ca_certs", "egress.cert_dir", "egress.routers"])
    }

    @Test func withoutWorkloadsNobodyMayCall() {
        let missing = problems("egress: { others: pass }\n")
        #expect(missing.contains { $0.hasPrefix("egress.workloads: the key is missing") })
        #expect(problems("egress: { workloads: [] }\n").contains { $0.contains("the list is empty") })
        let everybody = problems("egress: { workloads: [{ service: a }] }\n")
        #expect(everybody.count == 1 && everybody[0].contains("uid is missing"))
    }

    @Test(arguments: ["path: /usr/bin/curl", "gid: 7", "path: /usr/bin/curl, gid: 7"])
    func withoutAUserNobodyIsToldApart(narrowing: String) {
        let found = problems("egress: { others: pass, workloads: [{ service: a, \(narrowing) }] }\n")
        #expect(found.count == 1 && found[0].hasPrefix("egress.workloads[0]: uid is missing"))
        #expect(problems("egress: { others: pass, workloads: [{ service: a, uid: 1, \(narrowing) }] }\n").isEmpty)
    }

    @Test func aServiceIsNoHiddenFolder() {
        let found = problems("egress: { others: pass, workloads: [{ service: .hidden, uid: 1 }] }\n")
        #expect(found.count == 1 && found[0].contains("does not begin with"))
        #expect(problems("egress: { others: pass, workloads: [{ service: not.hidden, uid: 1 }] }\n").isEmpty)
    }

    @Test func whatIsSuggestedIsNotRefused() {
        let found = problems("egress: { listen: \"localhost:8888\", workloads: [{ service: a, uid: 1 }] }\n")
        #expect(found.count == 1 && found[0].contains("127.0.0.1:8888") && !found[0].contains("0.0.0.0"))
    }

    @Test func lookUpsAreBounded() throws {
        #expect(try section(Self.smallest).maximumLookupDescriptors == 262_144)
        for good in [1_024, 1_048_576] {
            #expect(try section(Self.smallest + "  max_lookup_descriptors: \(good)\n").maximumLookupDescriptors == good)
        }
        for bad in [1_023, 1_048_577] {
            #expect(problems(Self.smallest + "  max_lookup_descriptors: \(bad)\n").count == 1)
        }
    }

    @Test func connectionsOfAUserAreBounded() throws {
        let bounded = try section(Self.smallest + "  max_connections_per_user: 7\n")
        #expect(bounded.maximumConnectionsPerUser == 7)
        #expect(try section(Self.smallest).maximumConnectionsPerUser == nil)
        #expect(problems(Self.smallest + "  max_connections_per_user: 0\n").count == 1)
        let all = Self.smallest + "  limits: { max_connections: 100 }\n"
        #expect(problems(all + "  max_connections_per_user: 100\n").isEmpty)
        let beyond = problems(all + "  max_connections_per_user: 101\n")
        #expect(beyond.count == 1 && beyond[0].hasPrefix("egress.max_connections_per_user: "))
        #expect(beyond[0].contains("limits.max_connections"))
    }

    @Test func aListThatCannotCountIsRefused() {
        let found = problems("egress: { allow: [a.example], workloads: [{ service: a, uid: 1 }] }\n")
        #expect(found.count == 1 && found[0].hasPrefix("egress.allow: ") && found[0].contains("set others to pass"))
        let unreadable = problems("egress: { deny: [\"a b\"], workloads: [{ service: a, uid: 1 }] }\n")
        #expect(unreadable.first?.contains("no destination") == true)
        #expect(problems("egress: { connect_ports: [0], workloads: [{ service: a, uid: 1 }] }\n").count == 1)
    }

    @Test func anOpenDoorIsWarnedAbout() {
        let result = load("egress: { others: pass, workloads: [{ service: a, uid: 1 }] }\n")
        #expect(result.problems == [])
        #expect(result.warnings.contains { $0.message.contains("every host that deny does not name") })
    }

    @Test func unknownKeysAreNamedWithWhatWasMeant() {
        let found = load(Self.smallest + "  domain: [x]\n").problems
        #expect(found.count == 1 && found[0].message == "unknown key" && found[0].suggestion == "domains")
    }
}
