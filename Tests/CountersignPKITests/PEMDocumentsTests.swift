import Testing

@testable import CountersignPKI

@Suite struct PEMDocumentsTests {
    @Test func `blocks are read in order, with their lines, among other text`() throws {
        let text = """
            # bundle of two
            -----BEGIN CERTIFICATE-----
            AAEC
            -----END CERTIFICATE-----
            Subject: somebody
            -----BEGIN X509 CRL-----\r
            AwQF\r
            Bg==\r
            -----END X509 CRL-----\r
            """
        let blocks = try PEMDocuments(parsing: text).blocks
        #expect(blocks.map(\.label) == ["CERTIFICATE", "X509 CRL"])
        #expect(blocks.map(\.der) == [[0, 1, 2], [3, 4, 5, 6]])
        #expect(blocks.map(\.line) == [2, 6])
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let text: String
        let code: PKIError.Code
        let line: Int?
        var testDescription: String { self.text }

        init(_ text: String, _ code: PKIError.Code, _ line: Int?) {
            self.text = text
            self.code = code
            self.line = line
        }
    }

    static let bad: [Bad] = [
        Bad("", .nothingFound, nil),
        Bad("just text\n", .nothingFound, nil),
        Bad("-----BEGIN A-----\nAAEC\n", .malformedPEM, 1),
        Bad("-----BEGIN A-----\nAAEC\n-----END B-----\n", .malformedPEM, 3),
        Bad("-----BEGIN A-----\nAAE\n-----END A-----\n", .malformedPEM, 1),
        Bad("-----BEGIN A-----\nAAE*\n-----END A-----\n", .malformedPEM, 2),
        Bad("-----BEGIN A-----\n-----END A-----\n", .malformedPEM, 1),
        Bad("-----BEGIN A-----\nAB==\n-----END A-----\n", .malformedPEM, 1),
        Bad("-----BEGIN A-----\nAA==AAEC\n-----END A-----\n", .malformedPEM, 1),
        Bad("-----BEGIN A----\nAAEC\n-----END A-----\n", .malformedPEM, 1),
        Bad("-----END A-----\n", .malformedPEM, 1),
        Bad("-----BEGIN A-----\n-----BEGIN A-----\nAAEC\n-----END A-----\n", .malformedPEM, 2),
        Bad("-----BEGIN A-----\nComment: x\nAAEC\n-----END A-----\n", .malformedPEM, 2),
        Bad("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", .encryptedKey, 2),
    ]

    @Test(arguments: bad) func `damage is an error with its line`(_ bad: Bad) {
        do {
            _ = try PEMDocuments(parsing: bad.text)
            Issue.record("was read")
        } catch {
            #expect(error.code == bad.code)
            #expect(error.line == bad.line)
        }
    }

    @Test func `too much is refused before it is looked at`() {
        let large = Array(repeating: UInt8(ascii: " "), count: PEMDocuments.maximumSize + 1)
        #expect(throws: PKIError(.tooLarge, "")) { try PEMDocuments(parsing: large) }
        let many = String(repeating: "-----BEGIN A-----\nAAEC\n-----END A-----\n", count: PEMDocuments.maximumBlocks)
        #expect(throws: Never.self) { try PEMDocuments(parsing: many) }
        #expect(throws: PKIError(.tooLarge, "")) {
            try PEMDocuments(parsing: many + "-----BEGIN A-----\nAAEC\n-----END A-----\n")
        }
    }

    @Test func `what is written is read again`() throws {
        for count in 1...100 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            let text = PEMBlock.text(label: "CERTIFICATE", der: bytes)
            #expect(try PEMDocuments(parsing: text).blocks.map(\.der) == [bytes])
            #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count <= 64 })
        }
    }

    @Test func `a block of many short lines is read in time that grows with its size alone`() throws {
        let bytes = (0..<600_000).map { UInt8(truncatingIfNeeded: $0) }
        let lines = Base64.encode(bytes).map { String(decoding: [$0], as: UTF8.self) }.joined(separator: "\n")
        let blocks = try PEMDocuments(parsing: "-----BEGIN A-----\n\(lines)\n-----END A-----\n").blocks
        #expect(blocks.map(\.der) == [bytes])
    }
}
