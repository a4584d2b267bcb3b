import CountersignHTTPServer
import CountersignJSON
import CountersignPKI

/// The form of every answer in JSON, with exactly `application/json` as its type: clients compare it.
enum VaultEnvelope {
    /// The answer to a call that was done.
    ///
    /// - Parameters:
    ///   - data: what was asked for.
    ///   - auth: what a login has brought.
    ///   - warnings: what the caller should know beside it.
    static func answer(
        _ data: JSONValue,
        status: Int = 200,
        auth: JSONValue = .null,
        warnings: [String] = []
    ) -> ServerResponse {
        json(
            status,
            .object([
                .init("request_id", .string(requestID())),
                .init("lease_id", .string("")),
                .init("renewable", .bool(false)),
                .init("lease_duration", .number(0)),
                .init("data", data),
                .init("wrap_info", .null),
                .init("warnings", warnings.isEmpty ? .null : .strings(warnings)),
                .init("auth", auth),
            ])
        )
    }

    /// The answer with names; a list without any is one that is not there.
    static func list(_ keys: [String], extra: [JSONValue.Member] = [], warnings: [String] = []) -> ServerResponse {
        guard !keys.isEmpty else { return failure(.nothing) }
        return answer(.object([.init("keys", .strings(keys))] + extra), warnings: warnings)
    }

    /// The answer to a call that was refused.
    static func failure(_ error: VaultError) -> ServerResponse {
        var response = json(error.status, .object([.init("errors", .strings(error.messages))]))
        if error.status == 429 || error.status == 503 { response.fields.append(("Retry-After", "1")) }
        return response
    }

    /// A document as it is, without the envelope.
    static func json(_ status: Int, _ document: JSONValue) -> ServerResponse {
        var response = ServerResponse.json(status, document.compactLine)
        response.fields = [("Cache-Control", "no-store")]
        return response
    }

    /// A random identifier in the form of a UUID (RFC 9562, version 4).
    private static func requestID() -> String {
        var random = SystemRandomNumberGenerator()
        let high = random.next() & ~0xF000 | 0x4000
        let low = random.next() & ~(0b11 << 62) | 0b10 << 62
        let digits = [high, low].map { word in
            String(repeating: "0", count: word.leadingZeroBitCount / 4) + String(word, radix: 16)
        }
        let text = Array(digits.joined())
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(text[$0]) }
        return groups.joined(separator: "-")
    }
}
