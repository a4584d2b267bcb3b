import CountersignHTTP1
import Testing

@Suite struct FieldLineTests {
    @Test(arguments: refusals)
    func `a malformed field line is refused and the nearest good one taken`(row: Refusal) {
        let refused = ScannedRequest(row.refused)
        #expect(refused.violation == row.code)
        #expect(refused.violation?.status == row.status)
        #expect(ScannedRequest(row.allowed).result == .complete)
    }

    static let refusals: [Refusal] = [
        .fields("a folded line", "X: a\r\n b", .lineFolding, allowed: "X: a b"),
        .fields("a line folded with a tab", "X: a\r\n\tb", .lineFolding, allowed: "X: a\tb"),
        .fields("a folded empty line", "X: a\r\n ", .lineFolding, allowed: "X: a "),
        .fields("a space before the colon", "X : a", .spaceBeforeColon, allowed: "X: a"),
        .fields("a tab before the colon", "X\t: a", .spaceBeforeColon, allowed: "X:\ta"),
        .fields("a spaced Content-Length", "Content-Length : 1", .spaceBeforeColon, allowed: "Content-Length: 1"),
        .fields("no name", ": a", .emptyFieldName, allowed: "X: a"),
        .fields("no colon", "X", .malformedFieldName, allowed: "X:"),
        .fields("two words and no colon", "X Y", .malformedFieldName, allowed: "X: Y"),
        .fields("two words in the name", "X Y: a", .malformedFieldName, allowed: "X-Y: a"),
        .fields("a name that is no token", "X(Y): a", .malformedFieldName, allowed: "X!Y: a"),
        .fields("a slash in the name", "X/Y: a", .malformedFieldName, allowed: "X.Y: a"),
        .fields("a quoted name", "\"X\": a", .malformedFieldName, allowed: "'X': a"),
        .fields("a name past ASCII", "X\u{E9}: a", .malformedFieldName, allowed: "X: \u{E9}"),
        .fields("NUL in the name", "X\0: a", .controlByte, allowed: "X: a"),
        .fields("DEL in the name", "X\u{7F}: a", .controlByte, allowed: "X~: a"),
        .fields("NUL in the value", "X: a\0b", .controlByte, allowed: "X: ab"),
        .fields("a control in the value", "X: a\u{1F}b", .controlByte, allowed: "X: a b"),
        .fields("DEL in the value", "X: a\u{7F}", .controlByte, allowed: "X: a~"),
        .fields("a vertical tab in the value", "X: \u{B}", .controlByte, allowed: "X: \t"),
        .fields("bare LF in the value", "X: a\nY: b", .bareLineFeed, allowed: "X: a\r\nY: b"),
        .fields("bare CR in the value", "X: a\rY: b", .bareCarriageReturn, allowed: "X: a\r\nY: b"),
        .fields("bare CR before CR LF", "X: a\r", .bareCarriageReturn, allowed: "X: a"),
        .fields("bare LF in the name", "X\nY: b", .bareLineFeed, allowed: "X:\r\nY: b"),
        .fields("bare CR in the name", "X\rY: b", .bareCarriageReturn, allowed: "X:\r\nY: b"),
        .fields("LF LF for the blank line", "X: a\n\nGET / HTTP/1.1", .bareLineFeed, allowed: "X: a"),
        Refusal(
            "whitespace before the first field",
            "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
            .leadingWhitespace,
            allowed: "GET / HTTP/1.1\r\nHost:  a\r\n\r\n"
        ),
        Refusal(
            "a blank line ended by LF",
            "GET / HTTP/1.1\r\nHost: a\r\n\n",
            .bareLineFeed,
            allowed: "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        ),
        Refusal(
            "a blank line of CR",
            "GET / HTTP/1.1\r\nHost: a\r\n\rX",
            .bareCarriageReturn,
            allowed: "GET / HTTP/1.1\r\nHost: a\r\n\r\nX"
        ),
    ]

    @Test func `every byte is judged alike wherever it stands in a value`() {
        for byte in UInt8.min...UInt8.max {
            let isAllowed = byte == 0x09 || (byte >= 0x20 && byte != 0x7F)
            for padding in 0..<9 {
                let value = [UInt8](repeating: 0x61, count: padding) + [byte] + latin1("zz")
                let bytes = latin1("GET / HTTP/1.1\r\nHost: a\r\nX: b") + value + latin1("\r\n\r\n")
                #expect((ScannedRequest(bytes).result == .complete) == isAllowed, "byte \(byte) after \(padding)")
            }
        }
    }

    @Test func `every byte is judged alike wherever it stands in a name`() {
        let tokens = Set(latin1("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        for byte in UInt8.min...UInt8.max where byte != 0x3A {
            for padding in 0..<9 {
                let name = [UInt8](repeating: 0x61, count: padding) + [byte] + latin1("zz")
                let bytes = latin1("GET / HTTP/1.1\r\nHost: a\r\n") + name + latin1(": b\r\n\r\n")
                let isTaken = ScannedRequest(bytes).result == .complete
                #expect(isTaken == tokens.contains(byte), "byte \(byte) after \(padding)")
            }
        }
    }

    @Test func `every byte is judged alike wherever it stands in a target`() {
        for byte in UInt8.min...UInt8.max where byte != 0x20 {
            let isAllowed = byte > 0x20 && byte < 0x7F && byte != 0x23
            for padding in 0..<9 {
                let target = latin1("/") + [UInt8](repeating: 0x61, count: padding) + [byte] + latin1("zz")
                let bytes = latin1("GET ") + target + latin1(" HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect((ScannedRequest(bytes).result == .complete) == isAllowed, "byte \(byte) after \(padding)")
            }
        }
    }
}
