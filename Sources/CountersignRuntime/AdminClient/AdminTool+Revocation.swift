package import CountersignJSON
import CountersignPKI

extension AdminTool {
    /// Revokes, holds or releases certificates of a service.
    ///
    /// - Parameters:
    ///   - service: the service.
    ///   - members: what the call says: `reason`, and `serial` where one certificate is meant.
    ///   - word: what became of each, for people.
    ///   - directory: where a certificate goes that is issued in their place in the same step, with its key and the roots:
    ///     `cert.pem`, `key.pem` and `ca.pem`, none of which may be there; nil for none.
    package func revoke(
        _ service: String,
        _ members: [JSONValue.Member],
        word: String,
        replacement directory: String? = nil
    ) -> ToolResult {
        run { () throws(ToolError) in
            let files = directory.map(ReplacementFiles.init)
            try files?.prepare()
            let path = "/api/admin/security/certificates/\(AdminQuery.encoded(service))/revoke"
            let order = files == nil ? members : members + [.init("replace", .bool(true))]
            var answer = try connection.call("POST", path, .object(order)) ?? .object([])
            let written = try files?.take(&answer) ?? []
            if isJSON { return answer.text + "\n" }
            let revoked = Self.array(answer, "revoked").map { "\(Self.cell($0, "serial")) \(word)\n" }
            return (revoked + written.map { "wrote \(PrintableText.escaped($0))\n" }).joined()
        }
    }
}

/// The files of a certificate that takes another's place.
private struct ReplacementFiles {
    let directory: String

    private var key: String { "\(directory)/key.pem" }
    private var certificate: String { "\(directory)/cert.pem" }
    private var bundle: String { "\(directory)/ca.pem" }

    /// Refuses, before anything is revoked, what could not be written afterwards.
    func prepare() throws(ToolError) {
        for path in [key, certificate, bundle] where ToolFile.exists(path) {
            throw ToolError("--replace: \(PrintableText.escaped(path)) is already there; give another directory")
        }
        try ToolFile.makeDirectory(directory)
    }

    /// Writes what came, and takes the key out of the answer.
    ///
    /// - Returns: the paths of the files.
    func take(_ answer: inout JSONValue) throws(ToolError) -> [String] {
        let contents = [
            (key, "private_key", UInt32(0o600)), (certificate, "chain", 0o644), (bundle, "trust_bundle", 0o644),
        ]
        for (path, member, mode) in contents {
            try ToolFile.write(path, AdminTool.cell(answer, "replacement.\(member)"), mode: mode, replaces: false)
        }
        if case .object(let members) = answer {
            answer = .object(
                members.map { member in
                    guard member.name == "replacement", case .object(let all) = member.value else { return member }
                    return .init(member.name, .object(all.filter { $0.name != "private_key" }))
                }
            )
        }
        return contents.map(\.0)
    }
}
