import SwiftASN1

/// Why an encoding is not what it should be, in words for the operator.
struct EncodingFault: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }

    /// The words for any error that reading an encoding gives, without where in this program it arose.
    static func reason(of error: any Error) -> String {
        if let fault = error as? EncodingFault { return fault.reason }
        guard let error = error as? ASN1Error else { return "it is damaged" }
        return switch error.code {
        case .unexpectedFieldType: "a field is of another type than it should be, or one is missing"
        case .truncatedASN1Field: "it is cut short"
        case .invalidASN1IntegerEncoding: "a number is not encoded in the fewest bytes"
        case .unsupportedFieldLength: "a length is not encoded in the fewest bytes, or is too large"
        default: "it breaks the rules of DER"
        }
    }
}
