/// The PEM blocks of a text, in order (RFC 7468, strict between BEGIN and END).
///
/// Text outside the blocks is allowed, as certificate bundles carry comments there, except for lines that begin with
/// five dashes and are no BEGIN line: those are damage. Inside a block only Base64 may stand, on lines that may end in
/// LF or CRLF. A block with `Proc-Type` headers is a key
/// encrypted in the old way, with one round of MD5, and is refused as such.
package struct PEMDocuments: Sendable {
    /// The most bytes that a text may have.
    package static let maximumSize = 4 * 1_024 * 1_024

    /// The most blocks that a text may have.
    package static let maximumBlocks = 1_024

    /// The blocks in the order of the text; never empty.
    package let blocks: [PEMBlock]

    /// Parses a text.
    ///
    /// - Throws: ``PKIError`` with `malformedPEM`, `nothingFound`, `tooLarge` or `encryptedKey`, and the line.
    package init(parsing text: String) throws(PKIError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Parses the bytes of a text.
    ///
    /// - Throws: ``PKIError`` with `malformedPEM`, `nothingFound`, `tooLarge` or `encryptedKey`, and the line.
    package init(parsing text: [UInt8]) throws(PKIError) {
        guard text.count <= Self.maximumSize else {
            throw PKIError(.tooLarge, "the PEM text has \(text.count) bytes; at most \(Self.maximumSize) are read")
        }
        var scanner = Scanner(text: text)
        while let line = scanner.nextLine() {
            try scanner.take(line)
        }
        self.blocks = try scanner.finish()
    }
}

extension PEMDocuments {
    /// Walks the lines and collects blocks.
    private struct Scanner {
        private let text: [UInt8]
        private var position = 0
        private var lineNumber = 0
        private var open: (label: String, line: Int)?
        private var content: [UInt8] = []
        private var blocks: [PEMBlock] = []

        init(text: [UInt8]) {
            self.text = text
        }

        mutating func nextLine() -> ArraySlice<UInt8>? {
            guard self.position < self.text.count else { return nil }
            self.lineNumber += 1
            let rest = self.text[self.position...]
            let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? self.text.endIndex
            self.position = end + 1
            var line = rest[..<end]
            while let last = line.last, last == 0x0D || last == 0x20 || last == 0x09 {
                line.removeLast()
            }
            return line
        }

        mutating func take(_ line: ArraySlice<UInt8>) throws(PKIError) {
            let isBoundary = line.starts(with: "-----".utf8)
            guard let open = self.open else {
                if isBoundary { try self.begin(line) }
                return
            }
            if isBoundary {
                try self.end(line, open: open)
            } else if line.contains(UInt8(ascii: ":")) {
                if line.starts(with: "Proc-Type:".utf8) || line.starts(with: "DEK-Info:".utf8) {
                    throw PKIError(
                        .encryptedKey,
                        "the private key is encrypted in an old form that is easily broken; convert it with "
                            + "openssl pkcs8 -topk8",
                        line: self.lineNumber
                    )
                }
                throw PKIError(.malformedPEM, "a header inside a PEM block is not understood", line: self.lineNumber)
            } else if let bad = line.first(where: { !Base64.isCharacter($0) }) {
                throw PKIError(
                    .malformedPEM,
                    "byte 0x\(Hexadecimal.text(of: [bad])) inside the \(open.label) block is not Base64",
                    line: self.lineNumber
                )
            } else {
                self.content.append(contentsOf: line)
            }
        }

        private mutating func begin(_ line: ArraySlice<UInt8>) throws(PKIError) {
            guard let label = Self.label(of: line, keyword: "-----BEGIN ") else {
                throw PKIError(
                    .malformedPEM,
                    "a line of dashes is not a BEGIN line; expected -----BEGIN CERTIFICATE----- or the like",
                    line: self.lineNumber
                )
            }
            guard self.blocks.count < PEMDocuments.maximumBlocks else {
                throw PKIError(.tooLarge, "more than \(PEMDocuments.maximumBlocks) PEM blocks", line: self.lineNumber)
            }
            self.open = (label, self.lineNumber)
            self.content.removeAll(keepingCapacity: true)
        }

        private mutating func end(
            _ line: ArraySlice<UInt8>,
            open: (label: String, line: Int)
        ) throws(PKIError) {
            guard let label = Self.label(of: line, keyword: "-----END "), label == open.label else {
                throw PKIError(
                    .malformedPEM,
                    "the \(open.label) block of line \(open.line) is not closed by -----END \(open.label)-----",
                    line: self.lineNumber
                )
            }
            guard !self.content.isEmpty, let der = Base64.decode(self.content) else {
                throw PKIError(
                    .malformedPEM,
                    "the content of the \(open.label) block is empty, cut short or wrongly padded Base64",
                    line: open.line
                )
            }
            self.blocks.append(PEMBlock(label: open.label, der: der, line: open.line))
            self.open = nil
        }

        func finish() throws(PKIError) -> [PEMBlock] {
            if let open = self.open {
                throw PKIError(.malformedPEM, "the \(open.label) block has no END line", line: open.line)
            }
            guard !self.blocks.isEmpty else {
                throw PKIError(
                    .nothingFound,
                    self.text.isEmpty ? "the PEM text is empty" : "the text holds no PEM block (-----BEGIN …-----)"
                )
            }
            return self.blocks
        }

        private static func label(of line: ArraySlice<UInt8>, keyword: String) -> String? {
            let prefix = keyword.utf8.count
            guard line.starts(with: keyword.utf8), line.count > prefix + 5 else { return nil }
            let label = line.dropFirst(prefix).dropLast(5)
            guard line.suffix(5).allSatisfy({ $0 == UInt8(ascii: "-") }), label.count <= 64,
                label.first != 0x20, label.last != 0x20,
                label.allSatisfy({ (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "-") })
            else { return nil }
            return String(decoding: label, as: UTF8.self)
        }
    }
}
