/// Where the new files of a service are; commands find it in their environment.
package struct ReloadPaths: Sendable, Hashable {
    /// The service's name.
    package var service: String
    /// The certificate directory.
    package var directory: String

    package init(service: String, directory: String) {
        self.service = service
        self.directory = directory
    }

    /// The variables that a command gets.
    var environment: [String] {
        let folder = "\(directory)/\(service)"
        return [
            "COUNTERSIGN_SERVICE=\(service)",
            "COUNTERSIGN_DIRECTORY=\(folder)",
            "COUNTERSIGN_CERT=\(folder)/\(CertificateDirectory.FileName.certificate)",
            "COUNTERSIGN_KEY=\(folder)/\(CertificateDirectory.FileName.key)",
            "COUNTERSIGN_IDENTITY=\(folder)/\(CertificateDirectory.FileName.identity)",
            "COUNTERSIGN_CA=\(directory)/ca.pem",
            "COUNTERSIGN_CRL=\(directory)/crl.pem",
        ]
    }
}
