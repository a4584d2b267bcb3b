package import CountersignConfiguration
import CountersignFiles
import CountersignPKI
import CountersignTransport
import Glibc

/// `countersign infra terminate`: ends the connections to PostgreSQL that were opened with a certificate.
///
/// The server looks at revocation lists when a client connects, and never again.
package enum SessionEndTool {
    /// Whose connections.
    package struct Arguments: Sendable {
        /// Serial numbers in hexadecimal; with none, those that the lists of the directory name.
        package var serials: [String] = []
        /// How long to wait for lists of the directory that name ``serials``; nil for ``SessionEndTool/usualPatience``, and
        /// where there is nothing to wait for.
        package var patience: Duration?
        /// The certificate directory; nil for that of ``configuration``.
        package var directory: String?
        /// The agent's configuration file; nil with ``directory``.
        package var configuration: String?

        package init() {}
    }

    /// Runs the tool.
    ///
    /// - Parameters:
    ///   - arguments: whose connections.
    ///   - loader: reads the configuration.
    ///   - folder: the current folder, which relative paths are meant from.
    /// - Returns: statements of SQL for psql, and exit code 0; 1 when no list names the serial numbers in time; 2 for
    ///   arguments or files that cannot be used.
    package static func run(
        _ arguments: Arguments,
        loader: ConfigurationLoader,
        currentFolder folder: String
    ) -> ToolResult {
        do throws(ToolError) {
            let serials = try arguments.serials.map { text throws(ToolError) in try serial(text) }
            let isListed = arguments.directory != nil || arguments.configuration != nil
            if arguments.patience != nil { try requireWaiting(for: serials, isListed) }
            guard isListed || serials.isEmpty else { return statements(serials) }
            let directory = try InfrastructureDirectory(
                arguments.directory,
                arguments.configuration,
                loader,
                in: folder
            )
            let lists = "\(directory.path)/crl.pem"
            guard !serials.isEmpty else { return statements(inOrder(try listed(in: lists))) }
            try waitForLists(in: lists, naming: serials, upTo: arguments.patience ?? usualPatience)
            return statements(serials)
        } catch {
            return ToolResult(error)
        }
    }

    /// How long the tool waits for lists unless it is told.
    package static let usualPatience = Duration.seconds(30)

    /// Refuses a time to wait where nothing is waited for.
    private static func requireWaiting(for serials: [SerialNumber], _ isListed: Bool) throws(ToolError) {
        guard !serials.isEmpty else {
            throw ToolError("--wait is for lists that name serial numbers; name them, or leave --wait out")
        }
        guard isListed else {
            throw ToolError(
                "--wait is for the lists of an agent; name its configuration with --config, or its directory with --dir"
            )
        }
    }

    /// Waits until the server can read that the certificates are revoked: before that, whoever has one connects again.
    private static func waitForLists(
        in path: String,
        naming serials: [SerialNumber],
        upTo patience: Duration
    ) throws(ToolError) {
        let changed = SystemSemaphore()
        let end = ContinuousClock.now + patience
        let watcher: FileWatcher
        do throws(SystemError) {
            watcher = try FileWatcher { changed.signal() }
            if let problem = watcher.watch([path]).first { throw problem }
        } catch {
            throw ToolError("\(PrintableText.escaped(path)) cannot be watched: \(error)")
        }
        defer { extendLifetime(watcher) }
        while true {
            let listed = try listed(in: path)
            guard let missing = serials.first(where: { !listed.contains($0) }) else { return }
            guard changed.wait(upTo: end - ContinuousClock.now) else {
                throw ToolError(
                    "\(PrintableText.escaped(path)) does not name \(missing.hexadecimal), which opens connections still: is it "
                        + "revoked and not over, and the agent connected?",
                    exitCode: 1
                )
            }
        }
    }

    private static func statements(_ serials: [SerialNumber]) -> ToolResult {
        guard !serials.isEmpty else { return ToolResult(output: "-- no certificate is revoked\n") }
        let numbers = serials.map(\.decimal).joined(separator: ", ")
        return ToolResult(
            output: """
                SELECT pg_reload_conf();
                SELECT pg_terminate_backend(pid) FROM pg_stat_ssl WHERE client_serial IN (\(numbers));

                """
        )
    }

    private static func serial(_ text: String) throws(ToolError) -> SerialNumber {
        guard let bytes = Hexadecimal.bytes(of: text), !bytes.isEmpty else { throw noSerial(text, "") }
        // Those of authorities are long enough for what would read as another number to stand out.
        guard bytes.count <= maximumBytes else { throw noSerial(text, ": it is too long; is it in decimal?") }
        return SerialNumber(bytes)
    }

    private static func listed(in path: String) throws(ToolError) -> Set<SerialNumber> {
        let lists: [RevocationList]
        do {
            lists = try RevocationList.lists(
                pem: FileContent.read(path, maximumBytes: 2 * RevocationList.maximumSize).bytes
            )
        } catch {
            throw ToolError("\(PrintableText.escaped(path)) cannot be used: \(error)")
        }
        return Set(lists.lazy.flatMap(\.entries.keys).map(SerialNumber.init))
    }

    /// The smaller number before the larger one.
    private static func inOrder(_ serials: Set<SerialNumber>) -> [SerialNumber] {
        serials.sorted { one, other in
            let (left, right) = (one.magnitude, other.magnitude)
            return left.count == right.count ? left.lexicographicallyPrecedes(right) : left.count < right.count
        }
    }

    private static func noSerial(_ text: String, _ reason: String) -> ToolError {
        let text = PrintableText.escaped(text)
        return ToolError("'\(text)' is no serial number in hexadecimal, as `countersign certs` prints them\(reason)")
    }

    /// RFC 5280 section 4.1.2.2.
    private static let maximumBytes = 20
}
