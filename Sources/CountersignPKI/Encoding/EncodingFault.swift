/// Why an encoding is not what it should be, in words for the operator.
struct EncodingFault: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }

    /// A field where another one belongs, or none.
    static let unexpectedField = Self("a field is of another type than it should be, or one is missing")
    /// Bytes that end before their length says.
    static let truncated = Self("it is cut short")
    /// A length that DER does not have, or that nothing here is long enough for.
    static let length = Self("a length is not encoded in the fewest bytes, or is too large")
    /// Anything else that ITU-T X.690 forbids.
    static let brokenRules = Self("it breaks the rules of DER")
}
