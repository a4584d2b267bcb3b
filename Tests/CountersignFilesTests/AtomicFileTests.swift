import CountersignFiles
import CountersignTesting
import CountersignTransport
import Glibc
import Testing

@Suite struct AtomicFileTests {
    @Test func `a file is replaced with the permissions that are asked for`() throws {
        let folder = try ScratchFolder()
        let path = folder.file("ca.pem")
        try AtomicFile.write(Array("old".utf8), to: path, mode: 0o644)
        try AtomicFile.write(Array("new".utf8), to: path, mode: 0o600)
        let file = try FileContent.read(path, maximumBytes: 100)
        #expect(file.bytes == Array("new".utf8) && file.permissions == 0o600)
        #expect(try Folder.entries(of: folder.path) == ["ca.pem"])
    }

    @Test func `what an earlier process with the same number left behind is no obstacle`() throws {
        let folder = try ScratchFolder()
        let path = folder.file("ca.pem")
        try FileContent.write([1], toNew: "\(path).new-\(getpid())", mode: 0o600)
        try AtomicFile.write([2], to: path, mode: 0o644)
        #expect(try FileContent.read(path, maximumBytes: 1).bytes == [2])
    }

    @Test func `leftovers of writers that died are removed, other files are not`() throws {
        let folder = try ScratchFolder()
        for name in ["ca.pem", "ca.pem.new-17", "ca.pem.old", "other.new-17"] {
            try FileContent.write([1], toNew: folder.file(name), mode: 0o600)
        }
        AtomicFile.removeLeftovers(of: folder.file("ca.pem"))
        #expect(try Folder.entries(of: folder.path) == ["ca.pem", "ca.pem.old", "other.new-17"])
    }

    @Test func `a missing folder is told, and nothing is left`() throws {
        let folder = try ScratchFolder()
        let error = #expect(throws: SystemError.self) {
            try AtomicFile.write([1], to: folder.file("none/ca.pem"), mode: 0o600)
        }
        #expect(error?.code == ENOENT && error?.action.contains("none/ca.pem") == true)
        #expect(try Folder.entries(of: folder.path).isEmpty)
    }
}
