import CountersignControlModel
import CountersignPolicy
import Testing

@testable import CountersignRuntime

@Suite struct NameDirectoryTests {
    private var directory: NameDirectory {
        var directory = NameDirectory()
        directory.add(.organization, "o", "shop", in: nil)
        directory.add(.space, "s", "a/b", in: "o")
        directory.add(.app, "a", "50%", in: "s")
        directory.add(.app, "lost", "lost", in: "nowhere")
        return directory
    }

    @Test(arguments: [
        ("org:shop", "cf:org:o"), ("space:shop/a%2Fb", "cf:space:s"), ("app:shop/a%2Fb/50%25", "cf:app:a"),
    ])
    func `a name leads to its GUID and back`(path: String, source: String) throws {
        let found = try directory.source(path)
        #expect(found.description == source)
        #expect(directory.shown(found) == path)
    }

    @Test(arguments: ["cf:app:x", "cf:any", "spiffe://td/a/*"])
    func `a source stands for itself`(text: String) throws {
        #expect(try directory.source(text).description == text)
        #expect(directory.shown(try PolicySource(parsing: text)) == text)
    }

    @Test(arguments: ["app:shop", "app:shop/a/b/50%25", "org:", "space:shop/", "org:other", "app:shop/a%2Fb/x", "shop"])
    func `what is neither is refused`(text: String) {
        #expect(throws: ToolError.self) { try directory.source(text) }
    }

    @Test func `an app of a space without a name has none`() {
        #expect(directory.path(.app, "lost") == nil)
    }
}
