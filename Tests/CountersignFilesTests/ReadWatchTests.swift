import CountersignFiles
import CountersignTesting
import CountersignTransport
import Testing

@Suite struct ReadWatchTests {
    @Test func `a folder that nobody reads stays quiet, one that is read does not`() throws {
        let folder = try ScratchFolder()
        try FileContent.write([1], toNew: folder.file("key.pem"), mode: 0o600)
        let watch = try ReadWatch(folder.path)
        #expect(watch.isQuiet && watch.staysQuiet(for: .milliseconds(20)))
        _ = try FileContent.read(folder.file("key.pem"), maximumBytes: 1)
        #expect(!watch.isQuiet && !watch.staysQuiet(for: .seconds(60)))
    }

    @Test func `the folder that a link points to is watched`() throws {
        let folder = try ScratchFolder()
        for name in ["one", "two"] {
            try Folder.make(folder.file(name))
            try FileContent.write([1], toNew: folder.file("\(name)/key.pem"), mode: 0o600)
        }
        try SymbolicLink.point(folder.file("link"), to: "one", beside: folder.file(".link"))
        let watch = try ReadWatch(folder.file("link"))
        _ = try FileContent.read(folder.file("two/key.pem"), maximumBytes: 1)
        #expect(watch.isQuiet)
        _ = try FileContent.read(folder.file("link/key.pem"), maximumBytes: 1)
        #expect(!watch.isQuiet)
    }

    @Test func `a folder that is missing is told`() throws {
        let folder = try ScratchFolder()
        let error = #expect(throws: SystemError.self) { try ReadWatch(folder.file("none")) }
        #expect(error?.action.contains("none") == true)
    }
}
