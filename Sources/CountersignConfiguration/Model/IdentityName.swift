import CountersignIdentity

extension ValueReader {
    /// Returns a name that can be one segment of a SPIFFE id, and of a path where it is no hidden one: letters, digits, `.`,
    /// `-` and `_`, at most 63 of them, and no `.` at the beginning.
    func identityName(_ expected: String) -> String? {
        guard let text = text(expected) else { return nil }
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
            default: false
            }
        }
        guard allowed, text.utf8.count <= 63, text != ".", text != ".." else {
            fail(
                "expected \(expected) of at most 63 letters, digits, \".\", \"-\" and \"_\", "
                    + "found \(IdentityError.excerpt(of: text))"
            )
            return nil
        }
        guard !text.hasPrefix(".") else {
            fail("expected \(expected) that does not begin with \".\", found \(IdentityError.excerpt(of: text))")
            return nil
        }
        return text
    }
}
