import CountersignPKI

/// Where a certificate is put, with its key where that was made for it; decided, and refused, before anything is made.
struct IssueOutputs {
    /// What the options say.
    struct Wish {
        /// A directory for `cert.pem`, `key.pem` and `ca.pem`.
        var directory: String?
        /// A file for the certificate and those above it.
        var certificate: String?
        /// A file for the private key.
        var key: String?
        /// Whether files that are there are replaced.
        var replaces = false
        /// The option that says which key is certified, such as `--csr`; nil when one is made.
        var keyOption: String?
        /// The files that are read, with their options: none of them is replaced.
        var inputs: [(option: String, path: String)] = []
    }

    /// A certificate as it is written.
    struct Content {
        /// The certificate and those above it, in PEM.
        var chain: String
        /// Its key when it was made for it, in PEM: a secret.
        var key: String?
        /// The roots, in PEM.
        var trustBundle: String
        /// A line about it, without a line feed.
        var summary: String
    }

    private let certificate: String?
    private let key: String?
    private let bundle: String?
    private let directory: String?
    private let replaces: Bool

    init(_ wish: Wish) throws(ToolError) {
        if let directory = wish.directory {
            guard wish.certificate == nil, wish.key == nil else {
                throw ToolError("--out-dir excludes --cert-out and --key-out")
            }
            self.certificate = "\(directory)/cert.pem"
            self.key = wish.keyOption == nil ? "\(directory)/key.pem" : nil
            self.bundle = "\(directory)/ca.pem"
        } else {
            self.certificate = wish.certificate
            self.key = wish.key
            self.bundle = nil
            if let option = wish.keyOption {
                guard self.key == nil else {
                    throw ToolError("--key-out does not go with \(option): the key stays where it is")
                }
            } else {
                guard self.certificate != nil, self.key != nil else {
                    throw ToolError("say where to write with --out-dir DIR, or with --cert-out FILE and --key-out FILE")
                }
            }
        }
        self.directory = wish.directory
        self.replaces = wish.replaces
        try self.refuseCollisions(wish.inputs)
        guard !wish.replaces else { return }
        for path in [self.certificate, self.key, self.bundle].compactMap({ $0 }) where ToolFile.exists(path) {
            throw ToolError("\(PrintableText.escaped(path)) is already there; --force replaces it")
        }
    }

    /// Refuses outputs that would replace one another, or what the certificate is made from; --force is not for that.
    private func refuseCollisions(_ inputs: [(option: String, path: String)]) throws(ToolError) {
        var taken: [String: String] = [:]
        for input in inputs { taken[ToolFile.identity(of: input.path)] = "the file of \(input.option)" }
        let outputs = [(self.key, "--key-out"), (self.certificate, "--cert-out"), (self.bundle, "")]
        for (path, option) in outputs {
            guard let path else { continue }
            let option = self.directory == nil ? option : "--out-dir"
            guard let other = taken.updateValue("the file of \(option)", forKey: ToolFile.identity(of: path)) else {
                continue
            }
            let name = PrintableText.escaped(path)
            throw ToolError("\(option): \(name) is \(other) as well; every file needs a place of its own")
        }
    }

    /// Puts everything in place, and says what; without a place for it, the certificate itself.
    ///
    /// - Throws: ``ToolError`` when a file cannot be written.
    func write(_ content: Content) throws(ToolError) -> String {
        guard let certificate = self.certificate else { return content.chain }
        if let directory = self.directory { try ToolFile.makeDirectory(directory) }
        var written: [String] = []
        // The key goes first: a certificate is never there without the key that belongs to it.
        if let path = self.key, let key = content.key {
            try ToolFile.write(path, key, mode: 0o600, replaces: self.replaces)
            written.append(path)
        }
        try ToolFile.write(certificate, content.chain, mode: 0o644, replaces: self.replaces)
        written.append(certificate)
        if let path = self.bundle {
            try ToolFile.write(path, content.trustBundle, mode: 0o644, replaces: self.replaces)
            written.append(path)
        }
        let lines = written.map { "wrote \(PrintableText.escaped($0))\n" }.joined()
        return lines + content.summary + "\n"
    }
}
