/// The labels of the blocks of a PEM text (RFC 7468), such as `CERTIFICATE`.
struct PEMLabels {
    /// The labels in their order.
    private(set) var names: [String] = []

    /// What is wrong with the envelope, in words that complete "the file …".
    private(set) var problem: String?

    /// Whether the text has a private key of any kind.
    var hasPrivateKey: Bool { names.contains { $0.hasSuffix("PRIVATE KEY") } }

    /// What the text has, as the end of a sentence that says what it has not.
    var found: String {
        guard !names.isEmpty else { return "" }
        var distinct: [String] = []
        for name in names where !distinct.contains(name) {
            distinct.append(name)
        }
        return ", but \(distinct.prefix(3).joined(separator: ", "))"
    }

    /// No labels, of a text that is no PEM.
    init() {}

    /// Finds the labels of `text`.
    init(of text: String) {
        var open: String?
        for line in text.split(whereSeparator: \.isNewline) {
            if let label = Self.label(of: line, prefix: "-----BEGIN ") {
                if open != nil {
                    problem = "has a PEM block that begins before the one before it ends"
                    return
                }
                open = label
            } else if let label = Self.label(of: line, prefix: "-----END ") {
                guard open == label else {
                    problem = "has a PEM block whose end does not match its beginning"
                    return
                }
                names.append(label)
                open = nil
            }
        }
        if open != nil {
            problem = "has a PEM block that does not end; it may be cut off"
        } else if names.isEmpty {
            problem = "is not PEM: it has no line such as -----BEGIN CERTIFICATE-----"
        }
    }

    private static func label(of line: Substring, prefix: String) -> String? {
        var line = line.drop { $0 == " " || $0 == "\t" }
        while let last = line.last, last == " " || last == "\t" {
            line.removeLast()
        }
        guard line.hasPrefix(prefix), line.hasSuffix("-----"), line.utf8.count > prefix.utf8.count + 5 else {
            return nil
        }
        let label = line.dropFirst(prefix.count).dropLast(5)
        let isLabel = label.utf8.count <= 64 && label.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        return isLabel ? String(label) : nil
    }
}
