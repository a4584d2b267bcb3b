import Testing

@testable import CountersignRuntime

/// Texts that end a quote for one reader and not for another.
@Suite struct InfrastructureQuotingTests {
    static let texts = [
        "plain", "", "it's", "a\u{27}\u{301};echo forged;\u{27}\u{301}", "\"\u{301} all cert", "back\\slash\\\u{301}",
        "$HOME $(id) `id`", "\u{301}'\u{308}\u{27}", "e\u{301}\u{200D}'\u{200D}",
    ]

    @Test(arguments: texts) func `a shell reads a word as it was`(text: String) {
        #expect(Array(Shell.output(of: "printf %s \(Shell.quoted(text))").utf8) == Array(text.utf8))
    }

    @Test(arguments: texts) func `no quote of a text ends the quotes around it`(text: String) {
        let (single, double, backslash) = (UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "\\"))
        let bytes = Array(text.utf8)
        #expect(read(InfrastructureQuoting.hba(text), quote: double, doubled: true, escape: nil) == bytes)
        #expect(read(InfrastructureQuoting.postgresql(text), quote: single, doubled: true, escape: backslash) == bytes)
        #expect(read(InfrastructureQuoting.redis(text), quote: double, doubled: false, escape: backslash) == bytes)
        #expect(read(InfrastructureQuoting.swift(text), quote: double, doubled: false, escape: backslash) == bytes)
        #expect(read(InfrastructureQuoting.haproxy(text), quote: double, doubled: false, escape: backslash) == bytes)
    }

    @Test func `a slash in a user or a host is none of the URL`() {
        #expect(InfrastructureQuoting.url("x@other/y") == "x%40other%2Fy")
        #expect(InfrastructureQuoting.urlQuery("/var/lib/a b&c") == "/var/lib/a%20b%26c")
    }

    /// What a reader of bytes takes from a quoted text; nil when the quotes end before it does.
    private func read(_ quoted: String, quote: UInt8, doubled: Bool, escape: UInt8?) -> [UInt8]? {
        let all = Array(quoted.utf8)
        guard all.count >= 2, all.first == quote, all.last == quote else { return nil }
        var rest = all.dropFirst().dropLast()
        var result: [UInt8] = []
        while let byte = rest.popFirst() {
            guard byte == escape || byte == quote else {
                result.append(byte)
                continue
            }
            guard byte == escape || doubled, let next = rest.popFirst(), byte == escape || next == quote else {
                return nil
            }
            result.append(next)
        }
        return result
    }
}
