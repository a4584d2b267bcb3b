/// The name of a header field as CGI and its heirs read it: without case, and with one sign for all that is no letter and no digit.
package struct FoldedHeaderName: Hashable, Sendable {
    private let text: String

    /// Folds a name.
    package init(_ name: String) {
        text = String(decoding: name.lowercased().utf8.map { Self.isPlain($0) ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
    }

    /// Whether a byte of a name in lower case stands for itself.
    package static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
