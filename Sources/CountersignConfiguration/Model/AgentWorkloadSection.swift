/// Which processes of a host are a service: an element of the lists `agent.workloads` and `egress.workloads`.
package struct AgentWorkloadSection: Hashable, Sendable {
    /// The service's name; for the agent, one of `agent.services`.
    package var service: String
    /// The user of the process; nil when any.
    package var userID: UInt32?
    /// The group of the process; nil when any.
    package var groupID: UInt32?
    /// The absolute path of the program; nil when any.
    package var path: String?
    /// The SHA-256 digest of the program in 64 hexadecimal digits, lower case; nil when any.
    package var sha256: String?
}

extension AgentWorkloadSection {
    /// Reads an element of the list.
    ///
    /// ## Configuration keys
    /// - `service` (a name, for the agent one of `agent.services`; required)
    /// - `uid`, `gid` (0...4294967294), `path` (absolute path), `sha256` (64 hexadecimal digits): at least one of them;
    ///   a process has to be all that is given
    ///
    /// - Parameters:
    ///   - services: the names that there are; nil where any name is good.
    ///   - needsUser: whether a rule without `uid` is refused, and not only warned about.
    static func read(
        _ value: ValueReader,
        services: [String]? = nil,
        needsUser: Bool = false
    ) -> AgentWorkloadSection? {
        value.mapping("\"service\", and what its process is") { reader in
            let name = reader.required("service", services == nil ? "the service's name" : "a name of agent.services")
            let service = name?.identityName("a service name")
            if let service, let name, let services, !services.contains(service) {
                name.fail("no service of agent.services has the name \(service)")
            }
            var section = AgentWorkloadSection(service: service ?? "")
            section.userID = identifier("uid", reader)
            section.groupID = identifier("gid", reader)
            section.path = reader.value("path").flatMap(readPath)
            section.sha256 = reader.value("sha256").flatMap(readDigest)
            let isGiven = ["uid", "gid", "path", "sha256"].contains { reader.value($0) != nil }
            if needsUser, reader.value("uid") == nil {
                value.fail(
                    "uid is missing; the user is what keeps workloads apart, and gid, path and sha256 only narrow which of its "
                        + "processes are meant: add the uid that the service runs as"
                )
            } else if !isGiven {
                value.fail("the rule lets every process in; give one or more of uid, gid, path and sha256")
            } else if reader.value("uid") == nil {
                value.warn(
                    "without uid, any user who may run the program, and make it do something else, counts as the service"
                )
            }
            return service == nil || !isGiven ? nil : section
        }
    }

    private static func identifier(_ key: String, _ reader: MappingReader) -> UInt32? {
        // The last number means nobody to the system (chown(2)).
        reader.value(key)?.integer(in: 0...4_294_967_294).flatMap { UInt32(exactly: $0) }
    }

    private static func readPath(_ value: ValueReader) -> String? {
        let expected = "the absolute path of a program, as in /usr/sbin/nginx"
        guard let text = value.text(expected) else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard text.hasPrefix("/"), text.utf8.count < 4096, !text.utf8.contains(0),
            parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." })
        else {
            value.fail("expected \(expected), without empty parts, \".\" or \"..\"")
            return nil
        }
        return text
    }

    private static func readDigest(_ value: ValueReader) -> String? {
        let expected = "the SHA-256 digest of a program, 64 hexadecimal digits as sha256sum prints them"
        guard let text = value.text(expected)?.lowercased() else { return nil }
        guard text.utf8.count == 64, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else {
            value.fail("expected \(expected)")
            return nil
        }
        return text
    }
}
