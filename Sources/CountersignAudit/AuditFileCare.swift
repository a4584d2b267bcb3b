import CountersignTransport
import Logging
import Synchronization

/// Notices that somebody has moved, removed, cut off or changed the audit file, and makes that known.
final class AuditFileCare: Sendable {
    private let file: AuditFile
    private let logger: Logger
    private let fault = Mutex<String?>(nil)

    /// Takes what it works with.
    ///
    /// - Parameters:
    ///   - file: is looked after.
    ///   - logger: takes what goes wrong.
    init(_ file: AuditFile, _ logger: Logger) {
        self.file = file
        self.logger = logger
    }

    /// What is wrong with the file; nil when nothing is.
    var problem: String? { fault.withLock { $0 } }

    /// Looks whether the file is where it should be and as long as it was, and opens it anew when it is elsewhere.
    func look() {
        defer {
            file.takeForeignMode().map(tell)
            if file.takeCut() { logger.warning("\(Self.cut)") }
        }
        do throws(SystemError) {
            if try file.reopenIfMoved() { logger.info("audit file opened anew") }
            fault.withLock { $0 = nil }
        } catch {
            let isNew = fault.withLock { fault in
                defer { fault = "\(Self.trouble): \(error)" }
                return fault == nil
            }
            guard isNew else { return }
            logger.error("\(Self.trouble)", metadata: ["reason": .string("\(error)")])
        }
    }

    /// Brings what was written to the disk.
    ///
    /// - Throws: `SystemError` that names the file.
    func sync() throws(SystemError) { try file.sync() }

    private func tell(_ mode: AuditFile.ForeignMode) {
        var metadata: Logger.Metadata = ["mode": .string(mode.found), "wanted": .string(mode.wanted)]
        guard let fault = mode.fault else {
            return logger.warning("the audit file has another mode, which it keeps", metadata: metadata)
        }
        metadata["reason"] = .string("\(fault)")
        logger.error("the audit file could not be given its mode", metadata: metadata)
    }

    private static let cut = """
        the audit file was cut off, as by copytruncate; events that were written behind the copy are lost
        """
    private static let trouble = "the audit file was moved, removed or taken, and cannot be opened anew"
}
