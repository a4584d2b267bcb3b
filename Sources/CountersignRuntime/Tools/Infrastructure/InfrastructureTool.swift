import CountersignAgent
package import CountersignConfiguration
import CountersignJSON
import CountersignPKI

/// `countersign infra params`: how a database's server or client uses the certificate of a service, ready to paste.
package enum InfrastructureTool {
    /// What is asked for.
    package struct Arguments: Sendable {
        /// In whose words.
        package var format: InfrastructureFormat
        /// The names of the services.
        package var services: [String]
        /// The certificate directory; nil for that of ``configuration``.
        package var directory: String?
        /// The agent's configuration file; nil with ``directory``.
        package var configuration: String?
        /// The host of the server that a client connects to.
        package var host: String?
        /// The port of the server; nil for the usual one.
        package var port: Int?
        /// The role or user; nil for the certificate's common name.
        package var user: String?
        /// The database; nil leaves it to the program.
        package var database: String?
        /// The map of `pg_ident.conf`.
        package var map = "countersign"
        /// Whether certificates count of which nobody knows whether they are revoked.
        package var takesUnknownRevocation = false
        /// Whether one JSON object is printed.
        package var json = false
        /// A file that what is printed goes to instead, as a whole; nil for standard output.
        package var output: String?

        package init(format: InfrastructureFormat, services: [String]) {
            self.format = format
            self.services = services
        }
    }

    /// Runs the tool.
    ///
    /// - Parameters:
    ///   - arguments: what is asked for.
    ///   - loader: reads the configuration.
    ///   - folder: the current folder, which relative paths are meant from.
    ///   - now: the current time in Unix seconds.
    /// - Returns: exit code 0 when everything is printed, 1 when a service was passed over with a warning, 2 for arguments
    ///   that cannot be used.
    package static func run(
        _ arguments: Arguments,
        loader: ConfigurationLoader,
        currentFolder folder: String,
        now: Int64
    ) -> ToolResult {
        do throws(ToolError) {
            try check(arguments)
            let directory = try InfrastructureDirectory(
                arguments.directory,
                arguments.configuration,
                loader,
                in: folder
            )
            let result = print(arguments, from: directory.path, now)
            // What is incomplete takes the place of nothing.
            guard let path = arguments.output else { return result }
            guard result.exitCode == 0 else {
                return ToolResult(output: "", diagnostics: result.diagnostics, exitCode: result.exitCode)
            }
            try ToolFile.write(path, result.output, mode: 0o644, replaces: true)
            return ToolResult(output: "", diagnostics: result.diagnostics)
        } catch {
            return ToolResult(error)
        }
    }

    private static func print(_ arguments: Arguments, from folder: String, _ now: Int64) -> ToolResult {
        let needs = InfrastructureIdentity.Needs(
            format: arguments.format,
            takesUnknownRevocation: arguments.takesUnknownRevocation
        )
        var (text, diagnostics) = ("", "")
        var (found, skipped): ([JSONValue], [JSONValue]) = ([], [])
        for service in arguments.services {
            do throws(InfrastructureFault) {
                let identity = try InfrastructureIdentity(service, in: folder, needs, at: now)
                let parameters = InfrastructureParameters(identity, arguments)
                text += parameters.text
                found.append(parameters.json)
                if parameters.leavesOutLists {
                    diagnostics += "warning: \(service): no revocation lists cover the whole chain, so none are named; "
                    diagnostics += "revoked peers are accepted until they expire\n"
                }
            } catch {
                let name = PrintableText.escaped(service)
                let reason = PrintableText.escaped(error.message)
                diagnostics += "warning: \(name) is passed over (\(error.code.rawValue)): \(reason)\n"
                skipped.append(
                    .object([
                        .init("service", .string(service)), .init("code", .string(error.code.rawValue)),
                        .init("reason", .string(error.message)),
                    ])
                )
            }
        }
        if arguments.json {
            text =
                JSONValue.object([.init("parameters", .array(found)), .init("skipped", .array(skipped))]).text + "\n"
        }
        return ToolResult(output: text, diagnostics: diagnostics, exitCode: skipped.isEmpty ? 0 : 1)
    }

    private static func check(_ arguments: Arguments) throws(ToolError) {
        let texts = [arguments.host, arguments.user, arguments.database, arguments.map].compactMap(\.self)
        for text in texts where text.isEmpty || !text.unicodeScalars.allSatisfy(InfrastructureDirectory.isPrintable) {
            throw ToolError("'\(PrintableText.escaped(text))' is empty or has control characters")
        }
        for name in arguments.services {
            let scalars = name.unicodeScalars
            guard !name.isEmpty, scalars.first != ".", !scalars.contains("/"),
                scalars.allSatisfy(InfrastructureDirectory.isPrintable)
            else { throw ToolError("'\(PrintableText.escaped(name))' is no name of a service") }
        }
        // To PostgreSQL such a name is a pattern, in quotes, too, and could fit others.
        for text in [arguments.user, arguments.database].compactMap(\.self) where text.unicodeScalars.first == "/" {
            throw ToolError("'\(PrintableText.escaped(text))' begins with a slash, which makes it a pattern")
        }
        // A path and, with an @, a name of Linux's own are sockets of this host; a comma parts several hosts.
        if arguments.format.isClient, let host = arguments.host,
            host.unicodeScalars.first == "@" || host.unicodeScalars.contains(where: { $0 == "/" || $0 == "," })
        {
            throw ToolError(
                "--host '\(PrintableText.escaped(host))' is no name or address of one server; over a socket there is no TLS"
            )
        }
        if arguments.format.isClient, arguments.host == nil {
            throw ToolError(
                "\(arguments.format.rawValue) needs --host, the name of the server as its certificate has it"
            )
        }
    }
}
