import CountersignFiles
import CountersignTransport
import Glibc

/// The file that a program writes its process' number to.
///
/// Whoever can write it chooses whom an agent signals, which may be root. So a file of another user names processes of that
/// user alone, and none names a process that is younger than what it says: that one got the number of the program later.
enum PIDFile {
    /// Some programs say more in theirs than their number: PostgreSQL, its folders, too.
    private static let maximumBytes = 64 * 1024
    /// What the clocks of files and processes may be apart, in nanoseconds.
    private static let slack: Int64 = 2_000_000_000

    /// The process that a file names, and its number.
    ///
    /// - Throws: ``PIDFileFault`` when it names none that may be signalled.
    static func process(of path: String) throws(PIDFileFault) -> (ProcessHandle, pid_t) {
        let file: FileContent.Snapshot
        do throws(SystemError) {
            file = try FileContent.read(path, maximumBytes: maximumBytes)
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
        // Held first, and looked at then: what is looked at is what is signalled.
        guard let handle = ProcessHandle(processID: process), let age = ProcessAge.nanoseconds(of: process),
            let user = ProcessCredentials(of: process)?.userID, handle.isAlive
        else { throw PIDFileFault("there is no process \(process), which \(path) names") }
        guard file.owner == 0 || file.owner == geteuid() || file.owner == user else {
            throw PIDFileFault("\(path) is of user \(file.owner) and names process \(process) of user \(user)")
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
