import CountersignConfiguration

/// Files that exist in memory only.
struct MemoryFileReader: ConfigurationFileReader {
    var files: [String: FileContents]

    func read(_ path: String, maximumBytes: Int) throws(FileReadError) -> FileContents {
        guard let contents = files[path] else { throw .missing }
        guard contents.permissions & 0o400 != 0 else { throw .notPermitted }
        guard contents.bytes.count <= maximumBytes else { throw .tooLong(maximumBytes) }
        return contents
    }
}

extension MemoryFileReader {
    /// The PEM files that the test configurations name, good and bad ones.
    static let pki: [String: FileContents] = [
        "pki/ca.pem": text(certificate, 0o644),
        "pki/ca-key.pem": text(key),
        "pki/server.pem": text(certificate + certificate, 0o644),
        "pki/server-key.pem": text(key),
        "pki/client-ca.pem": text(certificate, 0o644),
        "pki/partner-ca.pem": text(certificate, 0o644),
        "pki/int.pem": text(certificate, 0o644),
        "pki/int-key.pem": text(key),
        "pki/revoked.crl": text(list, 0o644),
        "pki/bundle.pem": text(certificate + key, 0o644),
        "pki/empty.pem": text(""),
        "pki/words.pem": text("these are words\n"),
        "pki/cut.pem": text(String(certificate.prefix(40))),
        "pki/forbidden.pem": text(certificate, 0o000),
        "pki/open-key.pem": text(key, 0o644),
        "pki/group-key.pem": text(key, 0o640),
        "pki/encrypted-key.pem": text(key.replacing("PRIVATE", with: "ENCRYPTED PRIVATE")),
        "pki/two-keys.pem": text(key + key),
        "/etc/link-certs/cert.pem": text(certificate, 0o644),
        "/etc/link-certs/key.pem": text(key),
        "/etc/link-certs/ca.pem": text(certificate, 0o644),
        "run/join-token": text("token-of-the-join\n"),
        "run/nats-pass": text("pass-of-the-bus\n"),
        "run/open-pass": text("pass-of-the-bus\n", 0o644),
        "run/empty": text(""),
    ]

    static func text(_ text: String, _ permissions: UInt32 = 0o600) -> FileContents {
        FileContents(bytes: Array(text.utf8), permissions: permissions)
    }

    static let certificate = block("CERTIFICATE")
    static let key = block("PRIVATE KEY")
    static let list = block("X509 CRL")

    private static func block(_ label: String) -> String {
        "-----BEGIN \(label)-----\nAAAA\n-----END \(label)-----\n"
    }
}
