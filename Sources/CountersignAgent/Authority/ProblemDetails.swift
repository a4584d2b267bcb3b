import FoundationEssentials

/// What an answer with an error status says (RFC 9457), as far as people want to know it.
struct ProblemDetails {
    /// One sentence.
    let message: String

    /// Reads a body; anything can stand in it.
    init(status: Int, contentType: String, body: [UInt8]) {
        let isProblem = contentType.lowercased().hasPrefix("application/problem+json")
        let wire = isProblem ? try? JSONDecoder().decode(Wire.self, from: Data(body)) : nil
        let words = [wire?.title, wire?.detail].compactMap(\.self).filter { !$0.isEmpty }
        let text = words.joined(separator: ": ")
        message = text.isEmpty ? "status \(status)" : "\(Self.printable(text)) (status \(status))"
    }

    private static func printable(_ text: String) -> String {
        String(text.unicodeScalars.prefix(300).map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) })
    }

    private struct Wire: Decodable {
        var title: String?
        var detail: String?
    }
}
