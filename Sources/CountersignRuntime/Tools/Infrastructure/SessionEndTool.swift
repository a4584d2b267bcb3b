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
    /// - Returns: a statement of SQL for psql, and exit code 0; 2 for arguments or files that cannot be used.
    package static func run(
        _ arguments: Arguments,
        loader: ConfigurationLoader,
        currentFolder folder: String
    ) -> ToolResult {
        do throws(ToolError) {
            guard arguments.serials.isEmpty else {
                return statement(try arguments.serials.map { text throws(ToolError) in try serial(text) })
            }
            let directory = try InfrastructureDirectory(
                arguments.directory,
                arguments.configuration,
                loader,
                in: folder
            )
            return statement(try listed(in: "\(directory.path)/crl.pem"))
        } catch {
            return ToolResult(error)
        }
    }

    private static func statement(_ serials: [SerialNumber]) -> ToolResult {
        guard !serials.isEmpty else { return ToolResult(output: "-- no certificate is revoked\n") }
        let numbers = serials.map(\.decimal).joined(separator: ", ")
        return ToolResult(
            output: "SELECT pg_terminate_backend(pid) FROM pg_stat_ssl WHERE client_serial IN (\(numbers));\n"
        )
    }

    private static func serial(_ text: String) throws(ToolError) -> SerialNumber {
        guard text.utf8.count <= maximumDigits, let bytes = Hexadecimal.bytes(of: text), !bytes.isEmpty else {
            throw ToolError(
                "'\(PrintableText.escaped(text))' is no serial number in hexadecimal, as `countersign certs` prints them"
            )
        }
        return SerialNumber(bytes)
    }

    private static func listed(in path: String) throws(ToolError) -> [SerialNumber] {
        let lists: [RevocationList]
        do {
            lists = try RevocationList.lists(
                pem: FileContent.read(path, maximumBytes: 2 * RevocationList.maximumSize).bytes
            )
        } catch {
            throw ToolError("\(PrintableText.escaped(path)) cannot be used: \(error)")
        }
        return Set(lists.flatMap(\.entries.keys)).map(SerialNumber.init).sorted { $0.decimal < $1.decimal }
    }

    private static let maximumDigits = 128
}
