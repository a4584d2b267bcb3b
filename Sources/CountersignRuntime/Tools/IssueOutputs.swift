import CountersignPKI

/// Where `issue` puts what it made; decided, and refused, before anything is made.
struct IssueOutputs {
    private let certificate: String?
    private let key: String?
    private let bundle: String?
    private let directory: String?
    private let replaces: Bool

    init(_ arguments: IssueTool.Arguments) throws(ToolError) {
        if let directory = arguments.outputDirectory {
            guard arguments.certificateOutput == nil, arguments.keyOutput == nil else {
                throw ToolError("--out-dir excludes --cert-out and --key-out")
            }
            self.certificate = "\(directory)/cert.pem"
            self.key = arguments.request == nil ? "\(directory)/key.pem" : nil
            self.bundle = "\(directory)/ca.pem"
        } else {
            self.certificate = arguments.certificateOutput
            self.key = arguments.keyOutput
            self.bundle = nil
            if arguments.request == nil {
                guard self.certificate != nil, self.key != nil else {
                    throw ToolError("say where to write with --out-dir DIR, or with --cert-out FILE and --key-out FILE")
                }
            } else if self.key != nil {
                throw ToolError("--key-out does not go with --csr: the key stays with the requester")
            }
        }
        self.directory = arguments.outputDirectory
        self.replaces = arguments.force
        try self.refuseCollisions(arguments)
        guard !arguments.force else { return }
        for path in [self.certificate, self.key, self.bundle].compactMap({ $0 }) where ToolFile.exists(path) {
            throw ToolError("\(PrintableText.escaped(path)) is already there; --force replaces it")
        }
    }

    /// Refuses outputs that would replace one another, or what the certificate is made from; --force is not for that.
    private func refuseCollisions(_ arguments: IssueTool.Arguments) throws(ToolError) {
        var taken = [
            ToolFile.identity(of: arguments.authorityCertificate): "the file of --ca-cert",
            ToolFile.identity(of: arguments.authorityKey): "the file of --ca-key",
        ]
        if let request = arguments.request { taken[ToolFile.identity(of: request)] = "the file of --csr" }
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

    func write(
        _ issued: IssuedCertificate,
        key: PrivateKey?,
        trustBundle: String
    ) throws(ToolError) -> ToolResult {
        guard let certificate = self.certificate else { return ToolResult(output: issued.chainPEM) }
        if let directory = self.directory { try ToolFile.makeDirectory(directory) }
        var written: [String] = []
        // The key goes first: a certificate is never there without the key that belongs to it.
        if let path = self.key, let key {
            try ToolFile.write(path, key.pemPKCS8, mode: 0o600, replaces: self.replaces)
            written.append(path)
        }
        try ToolFile.write(certificate, issued.chainPEM, mode: 0o644, replaces: self.replaces)
        written.append(certificate)
        if let path = self.bundle {
            try ToolFile.write(path, trustBundle, mode: 0o644, replaces: self.replaces)
            written.append(path)
        }
        let until = CalendarTime(unixSeconds: issued.notAfter).rfc3339
        let lines = written.map { "wrote \(PrintableText.escaped($0))\n" }.joined()
        return ToolResult(output: lines + "serial \(issued.serialDecimal), valid until \(until)\n")
    }
}
