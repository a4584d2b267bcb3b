import CountersignHTTP1
import Testing

/// One malformed or ambiguous message, why it is refused, and the nearest one that is not.
struct Refusal: Sendable, CustomTestStringConvertible {
    let name: String
    let refused: String
    let code: ProtocolViolation.Code
    let status: Int
    let allowed: String

    init(_ name: String, _ refused: String, _ code: ProtocolViolation.Code, _ status: Int = 400, allowed: String) {
        self.name = name
        self.refused = refused
        self.code = code
        self.status = status
        self.allowed = allowed
    }

    var testDescription: String { name }

    /// A refusal of a request that is in order but for `fields`, whole lines without their CRLF.
    static func fields(
        _ name: String,
        _ refused: String,
        _ code: ProtocolViolation.Code,
        _ status: Int = 400,
        allowed: String
    ) -> Refusal {
        Refusal(name, post(refused), code, status, allowed: post(allowed))
    }

    private static func post(_ fields: String) -> String {
        "POST /in HTTP/1.1\r\nHost: a.example\r\n\(fields)\r\n\r\n"
    }
}
