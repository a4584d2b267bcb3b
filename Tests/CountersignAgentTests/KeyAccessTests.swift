import CountersignAgent
import CountersignFiles
import CountersignPKI
import Glibc
import Testing

/// Private keys for servers that run as another user or group than the agent.
@Suite struct KeyAccessTests {
    private func mode(_ world: AgentWorld, _ name: String) throws -> mode_t {
        try FileContent.read("\(world.certificates)/user-svc/\(name)", maximumBytes: 1 << 20).permissions
    }

    private func service(_ access: KeyAccess?) -> [ServiceSettings] {
        var service = ServiceSettings(name: "user-svc")
        service.keyAccess = access
        return [service]
    }

    @Test func groupReadsTheKeyWhereItMay() throws {
        let shared = try AgentWorld(services: service(KeyAccess(groupID: getgid(), isGroupReadable: true)))
        shared.settle()
        #expect(try mode(shared, "key.pem") == 0o640 && mode(shared, "identity.pem") == 0o640)
        #expect(try mode(shared, "cert.pem") == 0o644)
        let own = try AgentWorld(services: service(nil))
        own.settle()
        #expect(try mode(own, "key.pem") == 0o600 && mode(own, "identity.pem") == 0o600)
    }

    @Test func restartedAgentGoesOnWithAKeyThatTheGroupMayReadAndNoOther() throws {
        let access = KeyAccess(groupID: getgid(), isGroupReadable: true)
        let first = try AgentWorld(services: service(access))
        first.settle()
        let serial = try first.certificate()?.serialNumber
        let second = try AgentWorld(services: service(access), after: first)
        second.settle()
        #expect(try second.certificate()?.serialNumber == serial)
        // Without that right the same file was open to others.
        let third = try AgentWorld(services: service(nil), after: second)
        third.settle()
        #expect(try third.certificate()?.serialNumber != serial)
    }

    @Test func changeOfTheConfigurationReachesFilesThatAreThere() throws {
        let world = try AgentWorld(services: service(nil))
        world.settle()
        world.core.handle(.services(service(KeyAccess(groupID: getgid(), isGroupReadable: true))))
        #expect(try mode(world, "key.pem") == 0o640)
        world.core.handle(.services(service(nil)))
        #expect(try mode(world, "key.pem") == 0o600)
    }
}
