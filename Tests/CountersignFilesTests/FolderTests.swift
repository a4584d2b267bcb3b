import CountersignFiles
import CountersignTesting
import CountersignTransport
import Glibc
import Testing

@Suite struct FolderTests {
    @Test func `folders are made with those above them, whatever the umask`() throws {
        let folder = try ScratchFolder()
        try Folder.make(folder.file("a/b/c"), mode: 0o755)
        try Folder.make(folder.file("a/b/c"), mode: 0o700)
        var status = stat()
        #expect(stat(folder.file("a/b"), &status) == 0 && status.st_mode & 0o777 == 0o755)
    }

    @Test func `a file in the way of a folder is told`() throws {
        let folder = try ScratchFolder()
        try FileContent.write([], toNew: folder.file("a"), mode: 0o600)
        #expect(throws: SystemError.self) { try Folder.make(folder.file("a")) }
        #expect(throws: SystemError.self) { try Folder.make(folder.file("a/b")) }
    }

    @Test func `flat folders are removed, deeper ones are not`() throws {
        let folder = try ScratchFolder()
        try Folder.make(folder.file("a/b"))
        #expect(throws: SystemError.self) { try Folder.removeFlat(folder.file("a")) }
        try Folder.removeFlat(folder.file("a/b"))
        try Folder.removeFlat(folder.file("a"))
        try Folder.removeFlat(folder.file("a"))
        #expect(try Folder.entries(of: folder.path).isEmpty)
    }

    @Test func `a link is pointed elsewhere; a file in its place is not followed`() throws {
        let folder = try ScratchFolder()
        let link = folder.file("link")
        #expect(try SymbolicLink.target(of: link) == nil)
        for target in ["one", "two"] {
            try SymbolicLink.point(link, to: target, beside: folder.file(".link"))
            #expect(try SymbolicLink.target(of: link) == target)
        }
        #expect(try Folder.entries(of: folder.path) == ["link"])
        try FileContent.write([], toNew: folder.file("file"), mode: 0o600)
        let error = #expect(throws: SystemError.self) { try SymbolicLink.target(of: folder.file("file")) }
        #expect(error?.code == EINVAL)
    }

    @Test func `a lock is held by one and free again when it is gone`() throws {
        let folder = try ScratchFolder()
        var first: FileLock? = try FileLock(folder.file("lock"))
        let error = #expect(throws: SystemError.self) { try FileLock(folder.file("lock")) }
        #expect(error?.code == EWOULDBLOCK && first != nil)
        #expect(error?.description.contains("lock, which another process holds: ") == true)
        first = nil
        _ = try FileLock(folder.file("lock"))
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["a pipe", "a folder"])
    func `what is no file is no lock, and holds nothing up`(_ kind: String) throws {
        let folder = try ScratchFolder()
        let path = folder.file("lock")
        #expect((kind == "a pipe" ? mkfifo(path, 0o600) : mkdir(path, 0o700)) == 0)
        let error = #expect(throws: SystemError.self) { try FileLock(path) }
        #expect(error?.code == EINVAL && error?.action == "lock \(path), which is no regular file")
    }

    @Test func `a lock whose file was removed or replaced is not in place`() throws {
        let folder = try ScratchFolder()
        let lock = try FileLock(folder.file("lock"))
        #expect(lock.isInPlace)
        #expect(unlink(folder.file("lock")) == 0)
        #expect(!lock.isInPlace)
        let other = try FileLock(folder.file("lock"))
        #expect(other.isInPlace && !lock.isInPlace)
    }

    @Test func `reading refuses what is too long and what is no file`() throws {
        let folder = try ScratchFolder()
        try FileContent.write([UInt8](repeating: 7, count: 10_000), toNew: folder.file("long"), mode: 0o640)
        #expect(try FileContent.read(folder.file("long"), maximumBytes: 10_000).bytes.count == 10_000)
        let long = #expect(throws: SystemError.self) {
            try FileContent.read(folder.file("long"), maximumBytes: 9999)
        }
        #expect(long?.code == EFBIG)
        let none = #expect(throws: SystemError.self) { try FileContent.read(folder.path, maximumBytes: 1) }
        #expect(none?.code == EINVAL)
    }
}
