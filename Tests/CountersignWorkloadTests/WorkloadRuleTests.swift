import CountersignWorkload
import Testing

/// Which processes are which services.
@Suite struct WorkloadRuleTests {
    private static let digest = [UInt8](repeating: 7, count: 32)

    private static func evidence(
        user: UInt32 = 1000,
        group: UInt32 = 100,
        path: String? = "/usr/bin/a"
    ) -> WorkloadEvidence {
        WorkloadEvidence(userID: user, groupID: group, path: path) { digest }
    }

    private static func rule(
        _ service: String = "a",
        user: UInt32? = nil,
        group: UInt32? = nil,
        path: String? = nil,
        sha256: [UInt8]? = nil
    ) throws -> WorkloadRule {
        try #require(WorkloadRule(service: service, userID: user, groupID: group, path: path, sha256: sha256))
    }

    @Test func `a rule that asks for nothing cannot be made`() {
        #expect(WorkloadRule(service: "a", userID: nil, groupID: nil, path: nil, sha256: nil) == nil)
    }

    @Test func `everything that is given has to hold`() throws {
        let all = try Self.rule(user: 1000, group: 100, path: "/usr/bin/a", sha256: Self.digest)
        #expect(all.holds(for: Self.evidence()))
        #expect(!all.holds(for: Self.evidence(user: 1001)))
        #expect(!all.holds(for: Self.evidence(group: 101)))
        #expect(!all.holds(for: Self.evidence(path: "/usr/bin/b")))
        #expect(!(try Self.rule(user: 1000, sha256: [1]).holds(for: Self.evidence())))
    }

    @Test func `a program that is not certain fulfils no path and no digest`() throws {
        let unknown = WorkloadEvidence(userID: 0, groupID: 0, path: nil) { nil }
        #expect(!(try Self.rule(path: "/usr/bin/a").holds(for: unknown)))
        #expect(!(try Self.rule(sha256: Self.digest).holds(for: unknown)))
        #expect(try Self.rule(user: 0).holds(for: unknown))
    }

    @Test func `a path counts by its bytes`() throws {
        let rule = try Self.rule(path: "/opt/caf\u{E9}")
        #expect(rule.holds(for: Self.evidence(path: "/opt/caf\u{E9}")))
        #expect(!rule.holds(for: Self.evidence(path: "/opt/cafe\u{301}")))
    }

    @Test func `a program is digested only when everything else holds`() throws {
        let evidence = WorkloadEvidence(userID: 1, groupID: 1, path: nil) {
            Issue.record("digested")
            return nil
        }
        #expect(!(try Self.rule(user: 2, sha256: Self.digest).holds(for: evidence)))
    }

    @Test func `a process is all services whose rules hold, in their order and each once`() throws {
        let rules = [
            try Self.rule("b", user: 1000), try Self.rule("a", group: 100), try Self.rule("b", group: 100),
            try Self.rule("c", user: 1),
        ]
        #expect(rules.services(for: Self.evidence()) == ["b", "a"])
        #expect(rules.services(for: Self.evidence(user: 5, group: 5)).isEmpty)
    }
}
