import CountersignJSON
import CountersignPKI

/// The content of `authsign`: another request, with the proof that somebody with a key has made it.
struct CFSSLAuthenticatedRequest: Sendable {
    /// The bytes of the other request.
    let content: [UInt8]
    /// HMAC-SHA-256 of ``content``.
    let token: [UInt8]
    /// When it was made, in Unix seconds; nil when the client does not say.
    let timestamp: Int64?

    /// Reads the content.
    ///
    /// - Throws: ``CFSSLError`` with code 400.
    init(parsing body: [UInt8]) throws(CFSSLError) {
        do {
            let object = try JSONObject(try JSONValue(parsing: body), known: nil)
            content = try Self.bytes("request", object)
            token = try Self.bytes("token", object)
            timestamp = try object.integer("timestamp").flatMap { $0 == 0 ? nil : $0 }
        } catch {
            throw CFSSLError(error, isEmpty: body.isEmpty)
        }
    }

    private static func bytes(_ name: String, _ object: JSONObject) throws(JSONError) -> [UInt8] {
        guard let text = try object.string(name) else { return [] }
        guard let bytes = Base64.decode(Array(text.utf8)) else { throw object.wrong(name, "Base64 with padding") }
        return bytes
    }
}
