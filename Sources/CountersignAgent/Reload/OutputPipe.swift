import CountersignTransport
import Glibc

/// What a command prints: the first ``limit`` bytes are kept, the rest is read and dropped so that it can go on.
final class OutputPipe {
    /// The end that the command writes to.
    private(set) var writeEnd: Int32
    private let readEnd: Int32
    private var bytes: [UInt8] = []
    private var isOpen = true

    /// How much of the output is kept.
    static let limit = 4096

    init() throws(SystemError) {
        var ends: [2 of Int32] = [-1, -1]
        let result = unsafe withUnsafeMutablePointer(to: &ends) { pointer in
            unsafe pointer.withMemoryRebound(to: Int32.self, capacity: 2) { unsafe pipe($0) }
        }
        guard result == 0 else { throw SystemError(action: "make a pipe") }
        readEnd = ends[0]
        writeEnd = ends[1]
        for end in [readEnd, writeEnd] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(readEnd)
        closeWriteEnd()
    }

    /// What was printed, without line breaks at the end.
    var text: String {
        var text = bytes[...]
        while text.last == UInt8(ascii: "\n") { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
    }

    /// To be called once the command has its own.
    func closeWriteEnd() {
        guard writeEnd >= 0 else { return }
        close(writeEnd)
        writeEnd = -1
    }

    /// Reads until `process`, a descriptor, says that the command has ended.
    ///
    /// - Returns: false when it has not within `timeout`.
    func collect(until process: Int32, _ timeout: Duration) -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        while true {
            let left = deadline - clock.now
            guard left > .zero else { return false }
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
            var watched = [pollfd(fd: process, events: Int16(POLLIN), revents: 0)]
            if isOpen { watched.append(pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)) }
            let count = unsafe poll(&watched, nfds_t(watched.count), Int32(clamping: milliseconds))
            if count < 0, errno != EINTR { return false }
            guard count > 0 else { continue }
            if watched[0].revents != 0 { return true }
            takeRest()
        }
    }

    /// Takes what was printed and not read yet.
    func takeRest() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while isOpen {
            let count = unsafe read(readEnd, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                isOpen = count < 0
                return
            }
            bytes += buffer[..<min(count, Self.limit - bytes.count)]
        }
    }
}
