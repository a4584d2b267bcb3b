package import CountersignProtobuf

/// The request of FetchJWTSVID.
package struct JWTSVIDRequest: Equatable, Sendable {
    /// Whom the token is for; at least one.
    package var audiences: [String] = []
    /// The SPIFFE ID that is wanted; empty for all that the caller has.
    package var spiffeID = ""

    /// An empty request.
    package init() {}

    /// Reads a request.
    ///
    /// - Throws: `ProtobufError`.
    package init(parsing message: [UInt8]) throws(ProtobufError) {
        var reader = ProtobufReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 1: audiences.append(try field.text())
            case 2: spiffeID = try field.text()
            default: break
            }
        }
    }

    /// The message.
    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        for audience in audiences { writer.writeAlways(1, audience) }
        writer.write(2, spiffeID)
        return writer.bytes
    }
}

/// One JWT-SVID as the Workload API sends it: a bearer token, and so a secret.
package struct JWTSVIDMessage: Equatable, Sendable {
    /// The SPIFFE ID, as text.
    package var spiffeID = ""
    /// The token in compact form.
    package var token = ""
    /// What tells SVIDs of one answer apart; may be empty.
    package var hint = ""

    /// An empty message.
    package init() {}
}

extension JWTSVIDMessage: CustomStringConvertible, CustomReflectable {
    /// The ID alone.
    package var description: String { "JWT-SVID of \(spiffeID)" }

    /// Nothing: a dump must not reach the token.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The answer of FetchJWTSVID.
package struct JWTSVIDResponse: Equatable, Sendable {
    /// The tokens, the one of the default identity first.
    package var svids: [JWTSVIDMessage] = []

    /// An empty answer.
    package init() {}

    /// Reads an answer.
    ///
    /// - Throws: `ProtobufError`.
    package init(parsing message: [UInt8]) throws(ProtobufError) {
        var reader = ProtobufReader(message)
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            var inner = ProtobufReader(try field.bytes())
            var svid = JWTSVIDMessage()
            while let member = try inner.next() {
                switch member.number {
                case 1: svid.spiffeID = try member.text()
                case 2: svid.token = try member.text()
                case 3: svid.hint = try member.text()
                default: break
                }
            }
            svids.append(svid)
        }
    }

    /// The message.
    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        for svid in svids {
            writer.message(1) { inner in
                inner.write(1, svid.spiffeID)
                inner.write(2, svid.token)
                inner.write(3, svid.hint)
            }
        }
        return writer.bytes
    }
}
