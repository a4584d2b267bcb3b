package import CountersignJSON
package import CountersignProtobuf

/// The request of ValidateJWTSVID.
package struct ValidateJWTSVIDRequest: Equatable, Sendable {
    /// Whom the token has to be for: the caller.
    package var audience = ""
    /// The token in compact form.
    package var token = ""

    /// An empty request.
    package init() {}

    /// Reads a request.
    ///
    /// - Throws: `ProtobufError`.
    package init(parsing message: [UInt8]) throws(ProtobufError) {
        var reader = ProtobufReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 1: audience = try field.text()
            case 2: token = try field.text()
            default: break
            }
        }
    }

    /// The message.
    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        writer.write(1, audience)
        writer.write(2, token)
        return writer.bytes
    }
}

/// The answer of ValidateJWTSVID, for a token that is good.
package struct ValidateJWTSVIDResponse: Sendable {
    /// Whose it is.
    package var spiffeID: String
    /// All that it says: an object.
    package var claims: JSONValue

    /// An answer.
    package init(spiffeID: String, claims: JSONValue) {
        self.spiffeID = spiffeID
        self.claims = claims
    }

    /// The message, with the claims as a `google.protobuf.Struct`.
    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        writer.write(1, spiffeID)
        writer.message(2) { Self.write(members: claims, to: &$0) }
        return writer.bytes
    }

    private static func write(members value: JSONValue, to writer: inout ProtobufWriter) {
        guard case .object(let members) = value else { return }
        for member in members {
            writer.entry(1, key: member.name) { entry in
                entry.message(2) { write(member.value, to: &$0) }
            }
        }
    }

    /// Writes a `google.protobuf.Value`, a oneof: its member is there whatever it holds.
    private static func write(_ value: JSONValue, to writer: inout ProtobufWriter) {
        switch value {
        case .null: writer.writeAlways(1, Int64(0))
        case .bool(let flag): writer.writeAlways(4, flag)
        case .number(let number): writer.writeAlways(2, Double(number))
        case .fraction(let number): writer.writeAlways(2, number)
        case .string(let text): writer.writeAlways(3, text)
        case .object: writer.message(5) { write(members: value, to: &$0) }
        case .array(let elements):
            writer.message(6) { list in
                for element in elements { list.message(1) { write(element, to: &$0) } }
            }
        }
    }
}
