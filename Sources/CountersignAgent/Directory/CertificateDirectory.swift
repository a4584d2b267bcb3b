import CountersignFiles
import CountersignTransport
import Glibc

/// The folder in which services of the host find their certificates.
///
/// ```text
/// ca.pem                  the trust bundle
/// crl.pem                 the revocation lists, when they are kept
/// {service}               a link to the current generation:
///   cert.pem              the certificate and those above it, leaf first
///   key.pem               its private key, mode 0600
///   identity.pem          both in one file, mode 0600
/// .agent                  the same for the agent's own identity, nobody else may enter
/// .generations            current and previous generation of each, behind the links
/// ```
///
/// A generation is written beside, brought to the disk, and put in place by renaming a link over the one before: a reader
/// that opens the folder of a service once, and the files through it, gets files of one generation, whenever it comes. A
/// reader that opens the two paths one after the other can meet two generations; their key is the same unless the
/// key was changed in between.
package final class CertificateDirectory: Sendable {
    /// The folder.
    package let path: String
    private let lock: FileLock

    /// The name under which the agent's own identity is kept.
    package static let agentName = ".agent"

    /// Opens a certificate directory, makes it where it is missing, and clears away what an agent that died left behind.
    ///
    /// - Throws: ``DirectoryError`` with `locked` while another agent uses it; `SystemError` when it cannot be made.
    package init(path: String) throws {
        self.path = path
        try Folder.make(path, mode: 0o755)
        self.lock = try Self.lock(path)
        try Folder.make(generations, mode: 0o755)
        clean()
    }

    private static func lock(_ path: String) throws -> FileLock {
        do {
            return try FileLock("\(path)/\(lockName)")
        } catch {
            guard error.code == EWOULDBLOCK else { throw error }
            throw DirectoryError(.locked, "another agent works with the certificate directory \(path)")
        }
    }

    /// Removes unfinished generations, and those that are neither current nor the one before; what cannot be removed is
    /// only in the way of later generations when it is in the way of none now.
    private func clean() {
        AtomicFile.removeLeftovers(of: bundlePath)
        AtomicFile.removeLeftovers(of: revocationListsPath)
        let folders = (try? Folder.entries(of: generations)) ?? []
        for folder in folders where folder.hasSuffix(Generation.unfinished) {
            try? Folder.removeFlat("\(generations)/\(folder)")
        }
        for name in Set(folders.compactMap { Generation(folder: $0)?.name }) { prune(name) }
    }

    /// Removes what was put into a directory for these names; nobody may work with it any more.
    ///
    /// What somebody else has put beside it stays, and can be reached as before.
    package static func remove(_ names: [String], from path: String) {
        let generations = "\(path)/\(Generation.parent)"
        for folder in (try? Folder.entries(of: generations)) ?? [] {
            guard let generation = Generation(folder: folder), names.contains(generation.name) else { continue }
            for file in FileName.all { _ = unsafe unlink("\(generations)/\(folder)/\(file)") }
            let link = "\(path)/\(generation.name)"
            let isLinked = (try? SymbolicLink.target(of: link)) == generation.linkTarget
            if unsafe rmdir("\(generations)/\(folder)") == 0, isLinked { _ = unsafe unlink(link) }
        }
        _ = unsafe rmdir(generations)
        for file in [bundleName, revocationListsName, lockName] { _ = unsafe unlink("\(path)/\(file)") }
    }

    /// Keeps the current generation of a name and the one before.
    func prune(_ name: String) {
        let current = (try? currentGeneration(of: name))?.number ?? 0
        let numbers = self.numbers(of: name)
        let kept = numbers.filter { $0 <= current }.suffix(2)
        for number in numbers where !kept.contains(number) {
            try? Folder.removeFlat(folder(of: Generation(name: name, number: number)))
        }
    }

    /// The numbers of all generations of a name, in order.
    func numbers(of name: String) -> [UInt64] {
        let folders = (try? Folder.entries(of: generations)) ?? []
        return folders.compactMap { Generation(folder: $0) }.filter { $0.name == name }.map(\.number).sorted()
    }

    /// The generation that a name's link points to; nil when there is no link, or not to a generation of that name.
    ///
    /// - Throws: ``SystemError``; `EINVAL` when something else than a link stands there.
    func currentGeneration(of name: String) throws(SystemError) -> Generation? {
        guard let target = try SymbolicLink.target(of: link(of: name)) else { return nil }
        return Generation(linkTarget: target).flatMap { $0.name == name ? $0 : nil }
    }

    var generations: String { "\(path)/\(Generation.parent)" }
    var bundlePath: String { "\(path)/\(Self.bundleName)" }
    var revocationListsPath: String { "\(path)/\(Self.revocationListsName)" }
    func link(of name: String) -> String { "\(path)/\(name)" }
    func folder(of generation: Generation) -> String { "\(path)/\(generation.linkTarget)" }

    private static let bundleName = "ca.pem"
    private static let revocationListsName = "crl.pem"
    private static let lockName = ".lock"

    /// The names of files in a generation.
    enum FileName {
        static let certificate = "cert.pem"
        static let key = "key.pem"
        static let identity = "identity.pem"
        static let note = ".note.json"
        static let reloaded = ".reloaded"
        static let all = [certificate, key, identity, note, reloaded]
    }
}
