/// The bytes of a text as an array, which has a span.
func bytes(_ text: String) -> [UInt8] {
    Array(text.utf8)
}

/// The text of bytes that are known to be ASCII or UTF-8.
func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self)
}
