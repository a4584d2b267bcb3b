import Glibc

/// Wakes a thread that waits in `poll`.
final class WakePipe: Sendable {
    /// The end to poll for input.
    let readEnd: Int32

    private let writeEnd: Int32

    /// Opens the pipe.
    ///
    /// - Throws: ``SystemCallError`` when there is no descriptor left.
    init() throws(SystemCallError) {
        var ends: [2 of Int32] = [-1, -1]
        let result = unsafe withUnsafeMutablePointer(to: &ends) { pointer in
            unsafe pointer.withMemoryRebound(to: Int32.self, capacity: 2) { unsafe pipe($0) }
        }
        guard result == 0 else { throw SystemCallError(call: "pipe", number: errno) }
        self.readEnd = ends[0]
        self.writeEnd = ends[1]
        for end in [self.readEnd, self.writeEnd] {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    deinit {
        close(self.readEnd)
        close(self.writeEnd)
    }

    /// Makes the read end readable; a full pipe is readable already.
    func wake() {
        var byte: UInt8 = 0
        _ = unsafe write(self.writeEnd, &byte, 1)
    }

    /// Takes all wake-ups.
    func drain() {
        var bytes = [64 of UInt8](repeating: 0)
        while unsafe read(self.readEnd, &bytes, 64) == 64 {}
    }
}
