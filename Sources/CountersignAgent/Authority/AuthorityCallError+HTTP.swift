import CountersignHTTPClient
import CountersignJSON
import CountersignPKI

extension AuthorityCallError {
    /// Reads an answer whose status is not one of success, with what it says of the reason (RFC 9457).
    init(_ response: ClientResponse) {
        let (said, problem) = Self.problem(in: response)
        let text = "the authority answered \(response.status)\(said.isEmpty ? "" : ": \(said)")"
        let pause = response.field("Retry-After").flatMap(Int64.init).map { min(max($0, 0), 86_400) * 1000 }
        switch response.status {
        case 401: self.init(.unauthorized, text, retryAfter: pause)
        case 429, 500...: self.init(.unavailable, text, retryAfter: pause)
        case 422 where problem == "weak_key": self.init(.keyRefused, text, retryAfter: pause)
        default: self.init(.refused, text, retryAfter: pause)
        }
    }

    /// Tells a failure of the connection in the terms of an agent.
    init(_ error: HTTPClientError) {
        switch error.code {
        case .tlsRejected: self.init(.untrusted, "what answers is not the authority: \(error.message)")
        case .tlsRefused:
            self.init(.unauthorized, "the authority does not accept the agent's certificate: \(error.message)")
        case .invalidRequest: self.init(.local, error.message)
        case .status where error.status == 401: self.init(.unauthorized, error.message)
        case .protocolViolation, .tooLarge, .status: self.init(.malformed, error.message)
        case .unresolvable, .refused, .unreachable, .timeout, .tlsFailed, .connectionLost, .cancelled:
            self.init(.unreachable, "the authority cannot be reached: \(error.message)")
        }
    }

    /// Title and detail of a problem, and its code; empty when there are none.
    ///
    /// Anything can stand in an answer.
    private static func problem(in response: ClientResponse) -> (text: String, code: String) {
        let type = response.field("Content-Type")?.lowercased() ?? ""
        guard type.hasPrefix("application/problem+json"),
            let value = try? JSONValue(parsing: response.body), let object = try? JSONObject(value, known: nil)
        else { return ("", "") }
        let words = ["title", "detail"].compactMap { try? object.string($0) }.filter { !$0.isEmpty }
        let text = PrintableText.escaped(String(words.joined(separator: ": ").prefix(500)))
        return (text, (try? object.string("code")) ?? "")
    }
}
