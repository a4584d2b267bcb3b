/// Collects the pairs of one element and refuses what makes it ambiguous.
struct XFCCElementBuilder {
    private(set) var element = XFCCElement()
    private var pairs = 0
    private let limits: XFCCLimits

    init(limits: XFCCLimits) {
        self.limits = limits
    }

    /// Takes one pair up.
    ///
    /// `By`, `URI` and `DNS` may be there repeatedly, the others once: a second one is how a name that was not quoted
    /// would smuggle in a subject of its own.
    mutating func add(_ pair: XFCCScanner.Pair, of bytes: Span<UInt8>) throws(ForwardedHeaderError) {
        pairs += 1
        guard pairs <= limits.pairs else {
            throw ForwardedHeaderError(.tooMany, "an element has more than \(limits.pairs) pairs")
        }
        let offset = pair.key.lowerBound
        switch Key(bytes, pair.key) {
        case .by:
            try append(pair, of: bytes, to: &element.by)
        case .uri:
            try append(pair, of: bytes, to: &element.uris)
        case .dns:
            try append(pair, of: bytes, to: &element.dnsNames)
        case .hash:
            guard element.hash == nil else { throw duplicate("Hash", at: offset) }
            element.hash = try hash(pair, of: bytes)
        case .subject:
            guard element.subject == nil else { throw duplicate("Subject", at: offset) }
            // Outside of quotes the first comma of the name would end it.
            guard pair.isQuoted else {
                throw ForwardedHeaderError(.malformedElement, "Subject is not quoted", offset: offset)
            }
            element.subject = try text(bytes, pair.value)
        case .certificate:
            guard element.certificate == nil else { throw duplicate("Cert", at: offset) }
            element.certificate = try certificates(pair, of: bytes, limit: 1).first
        case .chain:
            guard element.chain.isEmpty else { throw duplicate("Chain", at: offset) }
            element.chain = try certificates(pair, of: bytes, limit: limits.certificates)
        case nil:
            break
        }
    }

    private func append(
        _ pair: XFCCScanner.Pair,
        of bytes: Span<UInt8>,
        to names: inout [String]
    ) throws(ForwardedHeaderError) {
        // Envoy writes `URI=` for a certificate without one.
        guard !pair.value.isEmpty else { return }
        guard pair.isQuoted else {
            names.append(try text(bytes, pair.value))
            return
        }
        var name: [UInt8] = []
        var index = pair.value.lowerBound
        while index < pair.value.upperBound {
            if bytes[index] == UInt8(ascii: "\\"), index + 1 < pair.value.upperBound, isEscapable(bytes[index + 1]) {
                index += 1
            }
            name.append(bytes[index])
            index += 1
        }
        names.append(try text(name.span, name.indices))
    }

    private func hash(_ pair: XFCCScanner.Pair, of bytes: Span<UInt8>) throws(ForwardedHeaderError) -> String {
        var digits: [UInt8] = []
        for index in pair.value {
            guard PercentCoding.digit(bytes[index]) != nil, digits.count < 64 else { break }
            digits.append(bytes[index] | 0x20)
        }
        guard digits.count == 64, pair.value.count == 64 else {
            throw ForwardedHeaderError(
                .invalidHash,
                "Hash is not 64 hexadecimal digits",
                offset: pair.value.lowerBound
            )
        }
        return try text(digits.span, digits.indices)
    }

    private func certificates(
        _ pair: XFCCScanner.Pair,
        of bytes: Span<UInt8>,
        limit: Int
    ) throws(ForwardedHeaderError) -> [[UInt8]] {
        let pem = try PercentCoding.decode(bytes.extracting(pair.value))
        return try CertificatePEM.decode(pem.span, limit: limit)
    }

    private func text(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(ForwardedHeaderError) -> String {
        var copy: [UInt8] = []
        for index in range {
            // A backslash takes any byte along in the scanner, a control character too.
            guard bytes[index] >= 0x20, bytes[index] != 0x7F else {
                throw ForwardedHeaderError(.invalidText, "a control character", offset: index)
            }
            copy.append(bytes[index])
        }
        guard let text = String(validating: copy, as: UTF8.self) else {
            throw ForwardedHeaderError(.invalidText, "a value is not UTF-8", offset: range.lowerBound)
        }
        return text
    }

    private func duplicate(_ key: String, at offset: Int) -> ForwardedHeaderError {
        ForwardedHeaderError(.duplicateKey, "an element has \(key) twice", offset: offset)
    }

    private func isEscapable(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private enum Key: String, CaseIterable {
        case by
        case hash
        case certificate = "cert"
        case chain
        case subject
        case uri
        case dns

        init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
            let match = Self.allCases.first { key in
                key.rawValue.utf8.count == range.count
                    && zip(key.rawValue.utf8, range).allSatisfy { $0 == bytes[$1] | 0x20 }
            }
            guard let match else { return nil }
            self = match
        }
    }
}
