/// Loads PEM text that a configuration names, and refuses what cannot be what it is meant to be.
///
/// It looks at the envelope alone: that there is text, that it has blocks of the right kind, and who may read a key.
/// Whether the blocks hold valid certificates is found out by whoever uses them.
struct PEMLoader {
    let fileReader: any ConfigurationFileReader

    /// The configuration file itself, for who may read the keys inside it.
    let configurationFile: FileContents

    /// Returns the text of `reference`.
    ///
    /// - Throws: ``ConfigurationValueError``, whose message never repeats the text.
    func text(of reference: PEMReference) throws(ConfigurationValueError) -> String {
        switch reference.source {
        case .path(let path):
            let contents = try contents(of: path, reference.mayBeKey)
            let text = String(decoding: contents.bytes, as: UTF8.self)
            let labels = try check(text, reference.content, "the file \(path)")
            if labels.hasPrivateKey {
                try refuse(contents, "the private key in \(path)")
            }
            return text
        case .inline(let text):
            let labels = try check(text, reference.content, "the PEM text")
            if labels.hasPrivateKey, reference.standsInConfigurationFile {
                try refuse(configurationFile, "a private key stands in this file, which")
            }
            return text
        }
    }

    private func contents(of path: String, _ mayBeKey: Bool) throws(ConfigurationValueError) -> FileContents {
        do {
            let contents = try fileReader.read(path, maximumBytes: Self.maximumBytes)
            if !contents.bytes.isEmpty { return contents }
        } catch {
            guard !mayBeKey else {
                throw ConfigurationValueError(
                    "expected the path of a file or PEM text, which begins with -----BEGIN; found a text that is not shown, "
                        + "as it may be a private key (as a path, it \(error))"
                )
            }
            throw ConfigurationValueError("the file \(path) \(error)")
        }
        throw ConfigurationValueError("the file \(path) is empty")
    }

    /// Refuses a file with a private key that others may read.
    private func refuse(_ contents: FileContents, _ subject: String) throws(ConfigurationValueError) {
        guard contents.isOpenToOthers else { return }
        throw ConfigurationValueError(
            "\(subject) is open to others than its owner (mode \(contents.permissionsText)); chmod 600 mends it"
        )
    }

    /// Returns the labels of `text` when they fit what it has to hold.
    private func check(
        _ text: String,
        _ content: PEMReference.Content,
        _ subject: String
    ) throws(ConfigurationValueError) -> PEMLabels {
        guard content != .keySet else { return PEMLabels() }
        let labels = PEMLabels(of: text)
        if let problem = labels.problem {
            throw ConfigurationValueError("\(subject) \(problem)")
        }
        switch content {
        case .certificates where !labels.names.contains("CERTIFICATE"):
            throw ConfigurationValueError("\(subject) has no certificate (BEGIN CERTIFICATE)\(labels.found)")
        case .revocationLists where !labels.names.contains("X509 CRL"):
            throw ConfigurationValueError("\(subject) has no revocation list (BEGIN X509 CRL)\(labels.found)")
        case .privateKey:
            try checkKey(labels, subject)
        default:
            break
        }
        return labels
    }

    private func checkKey(_ labels: PEMLabels, _ subject: String) throws(ConfigurationValueError) {
        let keys = labels.names.filter { $0.hasSuffix("PRIVATE KEY") }
        guard let key = keys.first else {
            throw ConfigurationValueError("\(subject) has no private key (BEGIN PRIVATE KEY)\(labels.found)")
        }
        guard keys.count == 1 else {
            throw ConfigurationValueError("\(subject) has \(keys.count) private keys, and one is expected")
        }
        guard key != "ENCRYPTED PRIVATE KEY" else {
            throw ConfigurationValueError("\(subject) has an encrypted private key, and a server cannot ask for it")
        }
    }

    /// A trust store of ten thousand certificates fits.
    private static let maximumBytes = 32 * 1024 * 1024
}
