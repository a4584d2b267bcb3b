import CountersignConfiguration

/// The file under test, and PEM files of every kind at every other path.
struct FuzzFileReader: ConfigurationFileReader {
    static let path = "fuzz.yaml"

    var configuration: [UInt8]

    func read(_ path: String, maximumBytes: Int) throws(FileReadError) -> FileContents {
        if path == Self.path { return FileContents(bytes: configuration) }
        guard !path.contains("absent") else { throw .missing }
        let label = path.contains("key") ? "PRIVATE KEY" : path.contains("crl") ? "X509 CRL" : "CERTIFICATE"
        return FileContents(bytes: Array("-----BEGIN \(label)-----\nAAAA\n-----END \(label)-----\n".utf8))
    }
}
