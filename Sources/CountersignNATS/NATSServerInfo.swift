package import CountersignJSON

/// What a server says of itself, as far as a client acts upon it.
package struct NATSServerInfo: Sendable, Equatable {
    /// The server's name, or its id; for logs.
    package var name = ""
    /// The server's version; for logs.
    package var version = ""
    /// Whether it wants a user or a token.
    package var requiresAuthentication = false
    /// Whether it goes on only with TLS.
    package var requiresTLS = false
    /// Whether it can go on with TLS.
    package var offersTLS = false
    /// Whether it is about to end, and its clients had better go elsewhere.
    package var isLeaving = false

    /// Reads the document of `INFO`.
    ///
    /// - Throws: `JSONError` for what is no JSON object, or has a member of another type.
    package init(parsing bytes: [UInt8]) throws(JSONError) {
        let object = try JSONObject(JSONValue(parsing: bytes), known: nil)
        let id = try object.string("server_id")
        name = try object.string("server_name") ?? id ?? ""
        version = try object.string("version") ?? ""
        requiresAuthentication = try object.bool("auth_required") ?? false
        requiresTLS = try object.bool("tls_required") ?? false
        let isTLSAvailable = try object.bool("tls_available") ?? false
        offersTLS = requiresTLS || isTLSAvailable
        isLeaving = try object.bool("ldm") ?? false
    }
}
