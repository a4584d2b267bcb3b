import CountersignAuthentication
import CountersignProtobuf

extension EnvoyCheck {
    /// The answer that lets a request through: what the backend is told, and what it is not to hear from the client.
    ///
    /// - Parameters:
    ///   - authenticated: who calls.
    ///   - foreign: the fields about certificates that clients alone can have written.
    static func allowed(_ authenticated: Authenticated, removing foreign: [String]) -> [UInt8] {
        let fields = AuthzAnswers.fields(authenticated)
        var response = ProtobufWriter()
        response.message(1) { _ in }
        response.message(3) { ok in
            for field in fields { ok.message(2) { header(field.name, field.value, in: &$0) } }
            for name in CallerHeaders.all where !fields.contains(where: { $0.name == name }) {
                ok.write(5, name.lowercased())
            }
            for name in foreign { ok.write(5, name.lowercased()) }
        }
        return response.bytes
    }

    /// The answer that refuses a request, with what the client is told.
    static func refused(_ refusal: AuthenticationRefusal) -> [UInt8] {
        var response = ProtobufWriter()
        let fields =
            AuthzAnswers.challenge(refusal) + [
                ("Content-Type", AuthenticationRefusal.contentType), ("Cache-Control", "no-store"),
            ]
        response.message(1) { status in
            status.write(1, code(refusal))
            status.write(2, refusal.code.rawValue)
        }
        response.message(2) { denied in
            denied.message(1) { $0.write(1, Int64(refusal.status)) }
            for field in fields { denied.message(2) { header(field.0, field.1, in: &$0) } }
            denied.write(3, refusal.body)
        }
        return response.bytes
    }

    /// A google.rpc.Code: INVALID_ARGUMENT, UNAUTHENTICATED, UNAVAILABLE, PERMISSION_DENIED.
    private static func code(_ refusal: AuthenticationRefusal) -> Int64 {
        switch refusal.status {
        case 400: 3
        case 401: 16
        case 503: 14
        default: 7
        }
    }

    /// A HeaderValueOption that replaces what is there.
    private static func header(_ name: String, _ value: String, in option: inout ProtobufWriter) {
        option.message(1) { header in
            header.write(1, name.lowercased())
            header.write(2, value)
        }
        option.write(3, Int64(2))
    }
}
