/// How a call ended: a code, and words for who reads the caller's log.
package struct GRPCStatus: Equatable, Sendable {
    /// The codes of gRPC (its document "Status codes and their use in gRPC").
    package enum Code: Int, Sendable {
        case ok = 0
        case cancelled = 1
        case unknown = 2
        case invalidArgument = 3
        case deadlineExceeded = 4
        case notFound = 5
        case alreadyExists = 6
        case permissionDenied = 7
        case resourceExhausted = 8
        case failedPrecondition = 9
        case aborted = 10
        case outOfRange = 11
        case unimplemented = 12
        case internalError = 13
        case unavailable = 14
        case dataLoss = 15
        case unauthenticated = 16

        /// The code as gRPC writes it.
        package var name: String {
            switch self {
            case .ok: "OK"
            case .cancelled: "CANCELLED"
            case .unknown: "UNKNOWN"
            case .invalidArgument: "INVALID_ARGUMENT"
            case .deadlineExceeded: "DEADLINE_EXCEEDED"
            case .notFound: "NOT_FOUND"
            case .alreadyExists: "ALREADY_EXISTS"
            case .permissionDenied: "PERMISSION_DENIED"
            case .resourceExhausted: "RESOURCE_EXHAUSTED"
            case .failedPrecondition: "FAILED_PRECONDITION"
            case .aborted: "ABORTED"
            case .outOfRange: "OUT_OF_RANGE"
            case .unimplemented: "UNIMPLEMENTED"
            case .internalError: "INTERNAL"
            case .unavailable: "UNAVAILABLE"
            case .dataLoss: "DATA_LOSS"
            case .unauthenticated: "UNAUTHENTICATED"
            }
        }
    }

    /// What it came to.
    package let code: Code
    /// Why; empty where the code says it all.
    package let message: String

    /// A status with words.
    package init(_ code: Code, _ message: String = "") {
        self.code = code
        self.message = message
    }

    /// The call did what was asked.
    package static let ok = GRPCStatus(.ok)
}

extension GRPCStatus {
    /// The words as the field `grpc-message` has them: percent-encoded UTF-8 (the document "gRPC over HTTP2").
    package var encodedMessage: String {
        var text = ""
        for byte in message.utf8 {
            if byte >= 0x20, byte <= 0x7E, byte != UInt8(ascii: "%") {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }

    /// Reads the words of the field `grpc-message`; what is not encoded as it should be stays as it is.
    package static func decodeMessage(_ field: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let text = String(validating: rest.prefix(2), as: UTF8.self),
                text.utf8.count == 2, let value = UInt8(text, radix: 16)
            {
                rest = rest.dropFirst(2)
                bytes.append(value)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension GRPCStatus: Error {}

extension GRPCStatus: CustomStringConvertible {
    package var description: String { message.isEmpty ? code.name : "\(code.name): \(message)" }
}
