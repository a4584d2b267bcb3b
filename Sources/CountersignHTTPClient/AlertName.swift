/// Names of TLS alerts (RFC 8446 section 6), with what they mean to a client.
enum AlertName {
    static func text(of alert: UInt8) -> String {
        guard let name = names[alert] else { return "TLS alert \(alert)" }
        let isAboutCertificate = [42, 43, 44, 45, 46, 48, 49, 116].contains(alert)
        return "TLS alert \(name)\(isAboutCertificate ? ", which is about this client's certificate" : "")"
    }

    private static let names: [UInt8: String] = [
        10: "unexpected_message", 20: "bad_record_mac", 40: "handshake_failure", 42: "bad_certificate",
        43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired",
        46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied",
        50: "decode_error", 51: "decrypt_error", 70: "protocol_version", 71: "insufficient_security",
        80: "internal_error", 90: "user_canceled", 109: "missing_extension", 112: "unrecognized_name",
        116: "certificate_required", 120: "no_application_protocol",
    ]
}
