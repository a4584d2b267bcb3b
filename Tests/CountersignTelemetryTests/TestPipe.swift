import Glibc

/// A pipe whose ends are closed at the end.
final class TestPipe {
    let readEnd: Int32
    private(set) var writeEnd: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        (self.readEnd, self.writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(self.readEnd)
        self.closeWriteEnd()
    }

    func closeWriteEnd() {
        guard self.writeEnd >= 0 else { return }
        close(self.writeEnd)
        self.writeEnd = -1
    }

    /// Fills the pipe until it takes nothing more; returns how many bytes it took.
    func fill() -> Int {
        let flags = fcntl(self.writeEnd, F_GETFL)
        _ = fcntl(self.writeEnd, F_SETFL, flags | O_NONBLOCK)
        defer { _ = fcntl(self.writeEnd, F_SETFL, flags) }
        let junk = [UInt8](repeating: 0x2E, count: 4096)
        var total = 0
        while true {
            let count = write(self.writeEnd, junk, junk.count)
            guard count > 0 else { return total }
            total += count
        }
    }

    /// Reads exactly that many bytes, or fewer at the end.
    func read(_ count: Int) -> [UInt8] {
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while result.count < count {
            let read = Glibc.read(self.readEnd, &buffer, min(buffer.count, count - result.count))
            guard read > 0 else { break }
            result += buffer[..<read]
        }
        return result
    }

    static func readAll(_ descriptor: Int32) -> [UInt8] {
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return result }
            result += buffer[..<count]
        }
    }
}
