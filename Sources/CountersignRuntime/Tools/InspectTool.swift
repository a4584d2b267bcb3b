import CountersignJSON
import CountersignPKI

/// `countersign inspect`: shows what certificates, requests, revocation lists and keys say, from files or a live host.
///
/// Nothing is verified, and no private key is ever shown.
package struct InspectTool: Sendable {
    /// What to look at, and how to show it.
    package struct Arguments: Sendable {
        /// The files, in PEM or DER.
        package var files: [String] = []
        /// A live host to look at, as `host:port`.
        package var connect: String?
        /// The server name to ask the live host for; the host itself when absent.
        package var serverName: String?
        /// How long the live host may take in all, such as `10s`, which it is when absent; up to an hour.
        package var timeout: String?
        /// Whether the description is printed as JSON.
        package var json = false

        /// Arguments that name nothing yet.
        package init() {}
    }

    /// How to get the certificates of a live host: host, port, server name and timeout to DER encodings, leaf first.
    package typealias FetchChain = (String, UInt16, String?, Duration) throws -> [[UInt8]]

    /// Runs the tool.
    ///
    /// - Returns: Exit code 0, or 2 when a file or the host cannot be read or understood.
    package static func run(_ arguments: Arguments, now: Int64, fetchChain: FetchChain) -> ToolResult {
        do {
            let sources = try self.sources(arguments, fetchChain: fetchChain)
            return ToolResult(output: arguments.json ? self.json(sources) : self.text(sources, now: now))
        } catch {
            return ToolResult(error)
        }
    }

    private typealias Source = (name: String, items: [InspectedItem])

    private static func sources(_ arguments: Arguments, fetchChain: FetchChain) throws(ToolError) -> [Source] {
        guard !arguments.files.isEmpty || arguments.connect != nil else {
            throw ToolError("name a file, or a live host with --connect HOST:PORT")
        }
        guard arguments.connect != nil || (arguments.serverName == nil && arguments.timeout == nil) else {
            throw ToolError("\(arguments.serverName == nil ? "--timeout" : "--servername") needs --connect HOST:PORT")
        }
        var sources: [Source] = []
        for file in arguments.files {
            do {
                sources.append((file, try InspectedItem.items(of: try ToolFile.read(file))))
            } catch let error as PKIError {
                throw ToolError(error, inFile: file)
            } catch let error as ToolError {
                throw error
            } catch {
                throw ToolError("\(file): \(error)")
            }
        }
        if let target = arguments.connect {
            let (host, port) = try self.endpoint(target)
            let given = arguments.timeout ?? "10s"
            guard let timeout = Lifetime.seconds(parsing: given), timeout <= 3600 else {
                let shown = PrintableText.escaped(given)
                throw ToolError("--timeout '\(shown)' must be a number and s or m, as in 10s, up to 60m")
            }
            do {
                let chain = try fetchChain(host, port, arguments.serverName, .seconds(timeout))
                var items: [InspectedItem] = []
                for der in chain { items.append(.certificate(try ParsedCertificate(der: der))) }
                sources.append((target, items))
            } catch {
                throw ToolError("\(PrintableText.escaped(target)): \(error)")
            }
        }
        return sources
    }

    private static func text(_ sources: [Source], now: Int64) -> String {
        var sections: [String] = []
        for source in sources {
            for (position, item) in source.items.enumerated() {
                let place = source.items.count == 1 ? "" : " (\(position + 1) of \(source.items.count))"
                let next = position + 1 < source.items.count ? source.items[position + 1] : nil
                sections.append(
                    "\(PrintableText.escaped(source.name))\(place)\n" + item.text(now: now)
                        + (item.linkText(to: next) ?? "")
                )
            }
        }
        return sections.joined(separator: "\n")
    }

    private static func json(_ sources: [Source]) -> String {
        let items = sources.flatMap { source in
            source.items.map { item in
                JSONValue.object([.init("source", .string(source.name)), .init("content", item.json)])
            }
        }
        return JSONValue.object([.init("items", .array(items))]).text + "\n"
    }

    /// `host:port`, `[address]:port`, or a host alone for port 443.
    private static func endpoint(_ text: String) throws(ToolError) -> (host: String, port: UInt16) {
        let error = ToolError("--connect '\(PrintableText.escaped(text))' must be HOST:PORT or [ADDRESS]:PORT")
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw error }
            let host = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            guard !rest.isEmpty else { return (host, 443) }
            guard rest.first == ":", let port = UInt16(rest.dropFirst()), port > 0 else { throw error }
            return (host, port)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let host = parts.first, !host.isEmpty, parts.count <= 2 else { throw error }
        guard parts.count == 2 else { return (String(host), 443) }
        guard let port = UInt16(parts[1]), port > 0 else { throw error }
        return (String(host), port)
    }
}
