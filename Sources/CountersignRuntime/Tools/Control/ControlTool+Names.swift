import CountersignControlModel
import CountersignJSON

extension ControlTool {
    /// Shows all names.
    package func listNames() -> ToolResult {
        admin.run { () throws(ToolError) in
            let directory = try NameDirectory(connection)
            var table = TextTable(["NAME", "GUID"])
            var documents: [JSONValue] = []
            for (path, guid) in directory.paths {
                table.add([path, guid])
                documents.append(.object([.init("name", .string(path)), .init("guid", .string(guid))]))
            }
            return admin.isJSON ? JSONValue.array(documents).text + "\n" : table.text
        }
    }

    /// Gives a name to what has a GUID.
    package func putName(_ path: String, guid: String) -> ToolResult {
        admin.run { () throws(ToolError) in
            guard let (kind, names) = NameDirectory.parse(path), let name = names.last,
                names.count == kind.depth
            else { throw ToolError("a name is org:ORG, space:ORG/SPACE or app:ORG/SPACE/APP") }
            var members: [JSONValue.Member] = [.init("name", .string(name))]
            if let parentKind = kind.parentKind {
                let outer = Array(names.dropLast())
                var directory = NameDirectory()
                try directory.load(parentKind, outer, connection)
                guard let parent = directory.guid(parentKind, outer) else {
                    throw ToolError(
                        "no \(parentKind.rawValue) is named \(outer.joined(separator: "/")); put that first"
                    )
                }
                let data = JSONValue.object([.init("data", .object([.init("guid", .string(parent))]))])
                members.append(.init("relationships", .object([.init(parentKind.rawValue, data)])))
            }
            _ = try connection.call("PUT", "/v3/\(kind.rawValue)s/\(AdminQuery.encoded(guid))", .object(members))
            return "\(path) is \(guid)\n"
        }
    }

    /// Forgets a name, and those of what belongs to it.
    package func removeName(_ path: String) -> ToolResult {
        admin.run { () throws(ToolError) in
            var directory = NameDirectory()
            let parsed = NameDirectory.parse(path)
            if let (kind, names) = parsed { try directory.load(kind, names, connection) }
            guard let (kind, names) = parsed, let guid = directory.guid(kind, names) else {
                throw ToolError("nothing is named \(path)", exitCode: AdminConnection.refused)
            }
            _ = try connection.call("DELETE", "/v3/\(kind.rawValue)s/\(AdminQuery.encoded(guid))")
            return "\(path) has no name any more\n"
        }
    }

    /// Shows a JSON access log with the names of its callers beside their GUIDs.
    package func nameLog(_ file: String) -> ToolResult {
        admin.run { () throws(ToolError) in
            let directory = try NameDirectory(connection)
            var output = ""
            for line in try ToolFile.read(file).split(separator: UInt8(ascii: "\n")) {
                guard case .object(var members)? = try? JSONValue(parsing: Array(line)) else {
                    output += String(decoding: line, as: UTF8.self) + "\n"
                    continue
                }
                for (member, kind) in AccessLogCaller.members {
                    guard let index = members.firstIndex(where: { $0.name == member }),
                        case .string(let guid) = members[index].value, let path = directory.path(kind, guid)
                    else { continue }
                    members.insert(.init("\(member)_name", .string(path)), at: index + 1)
                }
                output += JSONValue.object(members).compact + "\n"
            }
            return output
        }
    }
}

/// Where the access log says who called.
enum AccessLogCaller {
    /// The members with a GUID, and what it is of.
    static let members: [(String, NameRecord.Kind)] = [
        ("caller_cf_app", .app), ("caller_cf_space", .space), ("caller_cf_org", .organization),
    ]
}

extension NameRecord.Kind {
    /// How many names a path has.
    var depth: Int { (parentKind?.depth ?? 0) + 1 }
}
