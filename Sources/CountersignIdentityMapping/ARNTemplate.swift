import CountersignIdentity

/// The text that a rule makes an ARN of, such as `arn:crud:iam::{namespace}:service/{name}`.
///
/// A segment, which is what stands between `:` and `/`, has one capture at most. Captured values have neither, so two
/// different sets of values never make the same name, and no value can look like a segment of its own.
package struct ARNTemplate: Sendable, Hashable {
    /// The template as it was written.
    package let text: String
    let pieces: [IdentityPattern.Piece]

    /// Reads a template.
    ///
    /// - Throws: ``MappingError`` when it is not the form of an ARN, or a segment has two captures.
    package init(parsing text: String) throws(MappingError) {
        self.text = text
        self.pieces = try PatternScanner.pieces(of: text, folding: false)
        guard !captures.contains(PatternScanner.anonymous) else {
            throw MappingError("{_} stands for nothing in an ARN; give the capture a name")
        }
        _ = try CanonicalARN(checking: rendered { _ in "x" })
        guard text.utf8.starts(with: "arn:".utf8) else { throw MappingError("an ARN begins with arn:") }
        var captures = 0
        for piece in pieces {
            switch piece {
            case .capture:
                captures += 1
                guard captures == 1 else {
                    throw MappingError(
                        "a segment of the ARN has two captures, so that two callers could get one name; put : or / between"
                    )
                }
            case .literal(let bytes):
                if bytes.contains(where: CanonicalARN.isSeparator) { captures = 0 }
            }
        }
    }

    /// The names of the captures in the template's order.
    package var captures: [String] {
        pieces.compactMap { if case .capture(let name) = $0 { name } else { nil } }
    }

    /// The ARN for captured values.
    ///
    /// - Throws: ``MappingError`` when it is too long, or a segment becomes `.` or `..`.
    func arn(_ values: [Capture]) throws(MappingError) -> CanonicalARN {
        try CanonicalARN(checking: rendered { name in values.first { $0.name == name }?.value ?? "" })
    }

    private func rendered(_ value: (String) -> String) -> String {
        pieces.map { piece in
            switch piece {
            case .literal(let bytes): String(decoding: bytes, as: UTF8.self)
            case .capture(let name): value(name)
            }
        }.joined()
    }
}
