import CountersignIdentity

/// Text with captures that a value is compared with as a whole, such as `spiffe://prod.example/ns/{namespace}/sa/{name}`.
///
/// `{name}` stands for one to 128 bytes of the pattern's alphabet, and `{_}` for the same without being kept. A capture
/// ends at the first byte that is the one after it in the pattern, so that a value is read in one way only and in time
/// that grows with its length.
package struct IdentityPattern: Sendable, Hashable {
    /// What the pattern is compared with.
    package enum Subject: Sendable, Hashable {
        /// A whole SPIFFE ID, whose trust domain stands in the pattern as text.
        case spiffeID
        /// A DNS name, without regard to case; a capture is within one label.
        case dnsName
        /// The value of one attribute of a distinguished name, byte by byte.
        case attribute
    }

    enum Piece: Sendable, Hashable {
        case literal([UInt8])
        case capture(String)
    }

    /// The pattern as it was written.
    package let text: String
    let subject: Subject
    private let pieces: [Piece]

    /// The longest captured value, in bytes.
    package static let maximumCapture = 128
    /// The longest pattern, in bytes.
    package static let maximumLength = 2048

    /// Reads a pattern.
    ///
    /// - Throws: ``MappingError`` when it has a brace out of place, two captures side by side, a name twice, or what no
    ///   value of its subject can have.
    package init(parsing text: String, for subject: Subject) throws(MappingError) {
        self.text = text
        self.subject = subject
        self.pieces = try PatternScanner.pieces(of: text, folding: subject == .dnsName)
        try check()
    }

    /// The names of the captures, without `_`, in the pattern's order.
    package var captures: [String] {
        pieces.compactMap { piece in
            guard case .capture(let name) = piece, name != PatternScanner.anonymous else { return nil }
            return name
        }
    }

    /// Whether the pattern is the whole value.
    package var isLiteral: Bool { pieces.allSatisfy { if case .literal = $0 { true } else { false } } }

    /// Compares a value with the pattern.
    package func match(_ value: String) -> PatternMatch {
        let bytes = subject == .dnsName ? value.utf8.map(Self.folded) : Array(value.utf8)
        var captured: [Capture] = []
        var index = 0
        for (position, piece) in pieces.enumerated() {
            switch piece {
            case .literal(let literal):
                guard bytes[index...].starts(with: literal) else { return .mismatch(.differs(at: index)) }
                index += literal.count
            case .capture(let name):
                let end = self.end(of: bytes, from: index, next: position + 1)
                if let fault = Self.fault(of: bytes[index..<end], name: name, at: index, value: bytes) {
                    return .mismatch(fault)
                }
                if name != PatternScanner.anonymous {
                    captured.append(Capture(name: name, value: String(decoding: bytes[index..<end], as: UTF8.self)))
                }
                index = end
            }
        }
        guard index == bytes.count else { return .mismatch(.longer(at: index)) }
        return .match(captured)
    }

    private var alphabet: CaptureAlphabet { subject == .dnsName ? .label : .text }

    private func end(of bytes: [UInt8], from start: Int, next: Int) -> Int {
        var stop: UInt8?
        if next < pieces.count, case .literal(let literal) = pieces[next] { stop = literal.first }
        var index = start
        while index < bytes.count, bytes[index] != stop, alphabet.contains(bytes[index]) { index += 1 }
        return index
    }

    private static func fault(
        of value: ArraySlice<UInt8>,
        name: String,
        at start: Int,
        value whole: [UInt8]
    ) -> PatternMismatch? {
        if value.isEmpty {
            return start < whole.count ? .unfit(capture: name, at: start) : .empty(capture: name)
        }
        guard value.count <= maximumCapture else { return .tooLong(capture: name) }
        return value.elementsEqual(".".utf8) || value.elementsEqual("..".utf8) ? .dots(capture: name) : nil
    }

    private func check() throws(MappingError) {
        let names = captures
        for (position, name) in names.enumerated() where names[..<position].contains(name) {
            throw MappingError("the pattern captures \(name) twice")
        }
        guard subject == .spiffeID else { return }
        // What it stands for is decided by the SPIFFE ID's own rules, so a pattern that no ID can match is an error.
        let probe = pieces.map { piece in
            if case .literal(let bytes) = piece { String(decoding: bytes, as: UTF8.self) } else { "x" }
        }
        do {
            guard try SPIFFEID(parsing: probe.joined()).namesWorkload else {
                throw MappingError("a SPIFFE ID of a workload has a path, as in spiffe://example.org/ns/{ns}/sa/{sa}")
            }
        } catch let error as IdentityError {
            throw MappingError(error.message)
        } catch {
            throw MappingError("\(error)")
        }
        guard case .literal(let first)? = pieces.first,
            first.count(where: { $0 == UInt8(ascii: "/") }) >= 3
        else { throw MappingError("the trust domain stands in the pattern as it is; no capture can stand for it") }
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
