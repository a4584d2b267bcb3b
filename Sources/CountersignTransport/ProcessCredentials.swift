import Glibc

/// Under which user and group a process runs now, as the system tells it (proc(5)).
package struct ProcessCredentials: Equatable, Sendable {
    /// The effective user.
    package let userID: UInt32
    /// The effective group.
    package let groupID: UInt32

    /// Reads the credentials of a process; nil when it has ended.
    package init?(of processID: Int32) {
        let descriptor = unsafe open("/proc/\(processID)/status", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { return nil }
        self.init(status: String(decoding: buffer[..<count], as: UTF8.self))
    }

    /// Reads the text of `/proc/PID/status`; nil when a line is missing or strange.
    package init?(status text: String) {
        var found: [Substring: UInt32] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(whereSeparator: { $0 == "\t" || $0 == " " })
            // Real, effective, saved, file system.
            guard fields.count == 5, fields[0] == "Uid:" || fields[0] == "Gid:" else { continue }
            found[fields[0]] = UInt32(fields[2])
        }
        guard let user = found["Uid:"], let group = found["Gid:"] else { return nil }
        userID = user
        groupID = group
    }
}
