import CountersignIdentity
import Testing

@Suite struct CloudFoundryGUIDTests {
    @Test(arguments: [
        "d76446a1-f429-4444-8797-be2f78b75b08", "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff", "0123456789abcdef", "frontend-guid", "A.b_c", "x",
        "D76446A1-F429-4444-8797-BE2F78B75B08", "d76446a1-f429-4444-8797-be2f78b75b0-",
        String(repeating: "z", count: 128),
    ])
    func `the text comes back as it was`(text: String) throws {
        let guid = try CloudFoundryGUID(parsing: text)
        #expect(guid.description == text)
        var bytes: [UInt8] = []
        guid.append(to: &bytes)
        #expect(bytes == Array(text.utf8))
    }

    @Test(arguments: ["", " ", "a b", "a,b", "a:b", "a/b", "é", "a\n", "*", String(repeating: "z", count: 129)])
    func `anything else is refused`(text: String) {
        #expect(throws: IdentityError(.invalidCloudFoundryGUID, "")) { try CloudFoundryGUID(parsing: text) }
    }

    @Test func `case is part of a GUID`() throws {
        let lower = try CloudFoundryGUID(parsing: "d76446a1-f429-4444-8797-be2f78b75b08")
        let upper = try CloudFoundryGUID(parsing: "D76446A1-F429-4444-8797-BE2F78B75B08")
        #expect(lower != upper)
        #expect(lower == (try CloudFoundryGUID(parsing: "d76446a1-f429-4444-8797-be2f78b75b08")))
    }

    @Test func `every single digit tells two UUIDs apart`() throws {
        let base = Array("00000000-0000-0000-0000-000000000000".utf8)
        var seen: Set<CloudFoundryGUID> = []
        for position in base.indices where base[position] != UInt8(ascii: "-") {
            var other = base
            other[position] = UInt8(ascii: "1")
            seen.insert(try CloudFoundryGUID(parsing: String(decoding: other, as: UTF8.self)))
        }
        #expect(seen.count == 32)
    }
}
