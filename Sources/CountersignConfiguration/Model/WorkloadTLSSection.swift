/// A workload's own certificate from files that something else rotates: the section `tls` of `authz`.
package struct WorkloadTLSSection: Hashable, Sendable {
    /// Whether the certificate is used.
    package var isEnabled = false

    /// The folder with `cert.pem` and `key.pem`; nil only when ``isEnabled`` is false.
    package var certificateDirectory: String?

    /// The file with the authorities that other services are checked against; nil stands for `ca.pem` beside the folder.
    package var authorityFile: String?

    /// The section's defaults.
    package init() {}
}

extension WorkloadTLSSection {
    /// Reads the section; `value` is nil when the file does not have it, and then the environment alone decides.
    ///
    /// ## Configuration keys
    /// - `enabled` (boolean, default false; overridden by the environment's `TLS_ENABLED`)
    /// - `cert_dir` (path, required when enabled; overridden by the environment's `TLS_CERT_DIR`)
    /// - `ca_file` (path, optional; overridden by the environment's `TLS_CA_FILE`)
    static func read(_ parent: MappingReader) -> WorkloadTLSSection {
        guard let value = parent.value("tls") else {
            let place = parent.place.moved(
                line: parent.place.line,
                column: parent.place.column,
                path: "\(parent.place.path).tls"
            )
            return read(from: MappingReader(entries: [], place: place, context: parent.context))
        }
        return value.mapping("the keys of \"tls\"", read(from:)) ?? WorkloadTLSSection()
    }

    private static func read(from reader: MappingReader) -> WorkloadTLSSection {
        var section = WorkloadTLSSection()
        let enabled = reader.value("enabled", overriddenBy: "TLS_ENABLED")
        section.isEnabled = enabled?.boolean() ?? section.isEnabled
        let directory = reader.value("cert_dir", overriddenBy: "TLS_CERT_DIR")
        section.certificateDirectory = directory?.path()
        section.authorityFile = reader.value("ca_file", overriddenBy: "TLS_CA_FILE")?.path()
        if section.isEnabled, directory == nil { reportMissingDirectory(reader) }
        if enabled == nil { warnOfUnused(reader) }
        return section
    }

    private static func reportMissingDirectory(_ reader: MappingReader) {
        guard let variable = reader.override("enabled", by: "TLS_ENABLED") else {
            reader.reportMissing("cert_dir", "the folder with cert.pem and key.pem")
            return
        }
        variable.fail(
            "TLS needs a certificate: name the folder with cert.pem and key.pem in TLS_CERT_DIR or in cert_dir; for plain "
                + "HTTP, unset TLS_ENABLED for this process"
        )
    }

    /// Says of variables that somebody may rely upon that they do nothing, where neither file nor environment decides.
    private static func warnOfUnused(_ reader: MappingReader) {
        for (key, variable) in [("cert_dir", "TLS_CERT_DIR"), ("ca_file", "TLS_CA_FILE")] {
            reader.override(key, by: variable)?
                .warn("is not used, as TLS is off: say in TLS_ENABLED or authz.tls.enabled whether that is meant")
        }
    }
}
