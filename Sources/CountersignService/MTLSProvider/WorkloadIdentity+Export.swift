import CountersignFiles
import CountersignTransport
import Glibc

extension WorkloadIdentity {
    /// Writes the SVID for a peer that reads files: certificate and key, both of mode 0600, each replaced in one step.
    ///
    /// - Parameters:
    ///   - certificatePath: where the certificate and those above it go.
    ///   - keyPath: where the private key goes; the same path makes one file of both.
    /// - Throws: ``ServiceIdentityError`` with `file`.
    public func export(certificatePath: String, keyPath: String) throws(ServiceIdentityError) {
        guard certificatePath != keyPath else {
            return try ExportedFile.write(privateKeyPEM + certificateChainPEM, to: keyPath, mode: 0o600)
        }
        try ExportedFile.write(privateKeyPEM, to: keyPath, mode: 0o600)
        try ExportedFile.write(certificateChainPEM, to: certificatePath, mode: 0o600)
    }
}

/// Files for other programs.
enum ExportedFile {
    /// Writes a text.
    ///
    /// - Throws: ``ServiceIdentityError`` with `file`.
    static func write(_ text: String, to path: String, mode: mode_t) throws(ServiceIdentityError) {
        do throws(SystemError) {
            try AtomicFile.write(Array(text.utf8), to: path, mode: mode)
        } catch {
            throw ServiceIdentityError(.file, error.description)
        }
    }
}
