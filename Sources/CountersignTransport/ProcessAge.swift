import Glibc

/// How long a process has been there (proc(5), proc_pid_stat(5)).
package enum ProcessAge {
    /// Nanoseconds since the process began, to the system's clock tick of some milliseconds; nil when it has ended.
    package static func nanoseconds(of processID: Int32) -> Int64? {
        let descriptor = unsafe open("/proc/\(processID)/stat", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        guard count > 0, let ticks = startTicks(stat: String(decoding: buffer[..<count], as: UTF8.self)) else {
            return nil
        }
        var now = timespec()
        guard unsafe clock_gettime(CLOCK_BOOTTIME, &now) == 0 else { return nil }
        let perSecond = Int64(sysconf(Int32(_SC_CLK_TCK)))
        guard perSecond > 0, ticks >= 0, ticks < Int64.max / 1_000_000_000 else { return nil }
        let began = ticks / perSecond * 1_000_000_000 + ticks % perSecond * 1_000_000_000 / perSecond
        return max(0, Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec) - began)
    }

    /// The 22nd field, in clock ticks since the system's start; nil when the text is strange.
    ///
    /// The second field is the program's name in brackets, which may hold spaces and brackets.
    package static func startTicks(stat text: String) -> Int64? {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? Int64(fields[19]) : nil
    }
}
