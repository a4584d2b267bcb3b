import CountersignFiles
import CountersignTransport
import Glibc

/// The file that a program writes its process' number to.
///
/// Whoever decides what the file says, or which file it is, chooses whom an agent signals, which may be root. So where another
/// user does, by the file, a folder on the way to it or a link, it names processes of that user alone. None names a process
/// that is younger than what it says: that one got the number of the program later.
enum PIDFile {
    /// Some programs say more in theirs than their number: PostgreSQL, its folders, too.
    private static let maximumBytes = 64 * 1024
    /// What the clocks of files and processes may be apart, in nanoseconds.
    private static let slack: Int64 = 2_000_000_000

    /// The process that a file names, and its number.
    ///
    /// - Throws: ``PIDFileFault`` when it names none that may be signalled.
    static func process(of path: String) throws(PIDFileFault) -> (ProcessHandle, pid_t) {
        let trusted: Set<uid_t> = [0, geteuid()]
        let (file, way): (FileContent.Snapshot, (owners: Set<uid_t>, openFolder: String?))
        do throws(SystemError) {
            file = try FileContent.read(path, maximumBytes: maximumBytes)
            way = try PathOwners.all(of: path, trusted: trusted)
        } catch {
            throw PIDFileFault("\(error)")
        }
        let digits = String(decoding: file.bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        // 0 and negative numbers would mean groups of processes, 1 is the system's first.
        guard let process = pid_t(digits), process > 1 else {
            throw PIDFileFault("the file \(path) does not begin with the number of a process")
        }
        guard file.permissions & 0o022 == 0 else {
            throw PIDFileFault(
                "others than its owner may write to \(path); it would let them have any process signalled"
            )
        }
        if let folder = way.openFolder {
            throw PIDFileFault(
                "others than its owner may write to \(folder), and put another file in the place of \(path)"
            )
        }
        // Held first, and looked at then: what is looked at is what is signalled.
        guard let handle = ProcessHandle(processID: process), let age = ProcessAge.nanoseconds(of: process),
            let user = ProcessCredentials(of: process)?.userID, handle.isAlive
        else { throw PIDFileFault("there is no process \(process), which \(path) names") }
        if let owner = way.owners.union([file.owner]).subtracting(trusted).sorted().first(where: { $0 != user }) {
            throw PIDFileFault("\(path) is of user \(owner) and names process \(process) of user \(user)")
        }
        guard age + slack >= file.age else {
            throw PIDFileFault("process \(process) is younger than \(path), which names an earlier one")
        }
        return (handle, process)
    }
}

/// Why nothing is signalled.
struct PIDFileFault: Error {
    /// For the log.
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
