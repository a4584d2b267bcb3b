import Glibc

/// The processes that hold a socket, found by its number in `/proc`.
package struct SocketHolders: Equatable, Sendable {
    /// Their numbers; each may become another's as soon as the process ends.
    package private(set) var processIDs: [Int32] = []
    /// Whether there are processes into which this one may not look.
    package private(set) var isIncomplete = false

    /// Goes through all processes of this process's view.
    package init(ofInode inode: UInt32) {
        let name = Array("socket:[\(inode)]".utf8)
        for processID in Self.numbers(in: "/proc") {
            switch Self.holds(processID, name) {
            case true?: processIDs.append(processID)
            case false?: break
            case nil: isIncomplete = true
            }
        }
    }

    /// Whether a process still holds the socket.
    package static func holds(_ processID: Int32, inode: UInt32) -> Bool {
        holds(processID, Array("socket:[\(inode)]".utf8)) ?? false
    }

    /// Whether one of a process's descriptors leads to that name; nil when that cannot be seen.
    private static func holds(_ processID: Int32, _ name: [UInt8]) -> Bool? {
        let folder = "/proc/\(processID)/fd"
        guard let stream = unsafe opendir(folder) else { return errno == ENOENT ? false : nil }
        defer { unsafe closedir(stream) }
        var target = [UInt8](repeating: 0, count: 64)
        while let entry = unsafe readdir(stream) {
            let length = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                    unsafe target.withUnsafeMutableBytes { buffer in
                        unsafe buffer.baseAddress.map { unsafe readlinkat(dirfd(stream), name, $0, buffer.count) } ?? -1
                    }
                }
            }
            if length < 0, errno == EACCES { return nil }
            if length == name.count, target.prefix(length).elementsEqual(name) { return true }
        }
        return false
    }

    private static func numbers(in folder: String) -> [Int32] {
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var numbers: [Int32] = []
        while let entry = unsafe readdir(stream) {
            let number = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe Int32(String(cString: $0)) }
            }
            if let number { numbers.append(number) }
        }
        return numbers
    }
}
