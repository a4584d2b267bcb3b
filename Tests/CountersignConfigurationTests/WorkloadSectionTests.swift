import CountersignConfiguration
import Testing

/// Which processes of a host are services, and where a process takes its own identity.
@Suite struct WorkloadSectionTests {
    private static func agent(_ lines: String) -> String {
        """
        agent:
          authority: https://127.0.0.1:8444
          cert_dir: run/certs
          services: [users]
        \(lines)

        """
    }

    private static func loaded(_ rule: String) -> LoadResult {
        load(agent("  socket: unix:run/a.sock\n  workloads:\n    - \(rule)"), role: .agent)
    }

    @Test func selectorsReachTheModel() throws {
        let digest = String(repeating: "aB", count: 32)
        let result = Self.loaded("{ service: users, uid: 0, gid: 7, path: /usr/bin/x, sha256: \"\(digest)\" }")
        #expect(result.problems == [])
        let agent = try #require(result.configuration?.agent)
        #expect(agent.workloads.count == 1 && agent.socketMode == 0o666)
        let rule = try #require(agent.workloads.first)
        #expect(rule.service == "users" && rule.userID == 0 && rule.groupID == 7 && rule.path == "/usr/bin/x")
        #expect(rule.sha256 == digest.lowercased())
    }

    @Test func ruleWithoutAUserIsWarnedAbout() {
        let result = Self.loaded("{ service: users, path: /usr/bin/x }")
        #expect(result.configuration != nil && result.warnings.count == 1)
    }

    @Test(arguments: [
        "{ service: users }", "{ service: others, uid: 1 }", "{ uid: 1 }", "{ service: users, uid: -1 }",
        "{ service: users, uid: 4294967295 }", "{ service: users, path: bin/x }", "{ service: users, path: /a/../b }",
        "{ service: users, path: /a//b }", "{ service: users, sha256: abc }", "{ service: users, uid: 1, name: x }",
    ])
    func whatCannotHoldIsAProblem(_ rule: String) {
        #expect(Self.loaded(rule).configuration == nil)
    }

    @Test(arguments: ["socket_mode: \"777\"", "socket_mode: \"66\"", "socket_mode: \"066\"", "workloads: []"])
    func rightsAreThoseOfASocketAndRulesNeedOne(_ line: String) {
        let socket = line.hasPrefix("socket_mode") ? "  socket: unix:run/a.sock\n" : ""
        #expect(load(Self.agent("\(socket)  \(line)"), role: .agent).configuration == nil)
    }
}
