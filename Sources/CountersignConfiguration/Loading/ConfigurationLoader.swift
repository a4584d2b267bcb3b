/// Loads configuration files: reads, checks, and reports everything that is wrong at once.
///
/// A configuration is taken as a whole or not at all. Nothing is read but the file and what it names, and nothing is
/// written.
package struct ConfigurationLoader: Sendable {
    /// A check of what the named files hold, made where certificates are understood.
    ///
    /// It is called with whatever could be read, even when problems are known already, so that its findings are part of
    /// the one report. PEM texts that could not be read are absent and have been reported.
    package typealias Verification = (Configuration, PEMMaterial) -> [ConfigurationProblem]

    private let environment: @Sendable (String) -> String?
    private let fileReader: any ConfigurationFileReader

    /// Makes a loader.
    ///
    /// - Parameters:
    ///   - environment: Returns the value of an environment variable, or nil when it is not set.
    ///   - fileReader: Reads the configuration file and the files that it names.
    package init(
        environment: @escaping @Sendable (String) -> String?,
        fileReader: any ConfigurationFileReader = SystemFileReader()
    ) {
        self.environment = environment
        self.fileReader = fileReader
    }

    /// Makes a loader with the variables of a dictionary.
    package init(
        environment: [String: String],
        fileReader: any ConfigurationFileReader = SystemFileReader()
    ) {
        self.init(environment: { environment[$0] }, fileReader: fileReader)
    }

    /// Loads a file.
    ///
    /// - Parameters:
    ///   - path: The file; it is named so in problems, and relative paths in it start from its folder.
    ///   - role: The role that will use it: its section must be there, and files of other roles are not read. Without
    ///     one, all sections are checked.
    ///   - verification: A further check of what the named files hold.
    package func load(
        path: String,
        role: ConfigurationRole? = nil,
        verification: Verification = { _, _ in [] }
    ) -> LoadResult {
        let diagnostics = ConfigurationDiagnostics(file: path)
        var result = LoadResult()
        do {
            let contents = try fileReader.read(path, maximumBytes: ConfigurationDocument.maximumBytes)
            if let text = Self.text(of: contents, diagnostics) {
                read(text, of: contents, role, verification, into: &result, diagnostics)
            }
        } catch {
            diagnostics.error("the file \(error)", at: .wholeFile(path))
            result.isFileUnreadable = true
        }
        result.problems = diagnostics.errors
        result.warnings = diagnostics.warnings
        if diagnostics.hasErrors {
            result.configuration = nil
            result.pems = PEMMaterial()
            result.secrets = SecretMaterial()
        }
        return result
    }

    private func read(
        _ text: String,
        of contents: FileContents,
        _ role: ConfigurationRole?,
        _ verification: Verification,
        into result: inout LoadResult,
        _ diagnostics: ConfigurationDiagnostics
    ) {
        guard let document = ConfigurationDocument(text: text, diagnostics: diagnostics) else { return }
        let context = ReadingContext(
            diagnostics: diagnostics,
            directory: Self.directory(of: diagnostics.file),
            environment: environment
        )
        let place = SourceMark(line: document.root.line, column: document.root.column).place(file: diagnostics.file)
        let root = ValueReader(node: document.root, place: place, context: context)
        guard let configuration = Configuration.read(root) else { return }
        if let role, !document.has(role.rawValue) {
            diagnostics.error("the section is missing, and the \(role) needs it", at: .section(role.rawValue))
        }
        RouterChecks(diagnostics: diagnostics).check(configuration)
        FederationChecks(diagnostics: diagnostics).check(configuration)
        UpstreamChecks(diagnostics: diagnostics).check(configuration)
        var resolver = ConfigurationResolver(
            fileReader: fileReader,
            configurationFile: contents,
            diagnostics: diagnostics
        )
        resolver.resolve(configuration, for: role)
        for problem in verification(configuration, resolver.pems) {
            diagnostics.add(problem)
        }
        result.configuration = configuration
        result.pems = resolver.pems
        result.secrets = resolver.secrets
    }

    private static func text(of contents: FileContents, _ diagnostics: ConfigurationDiagnostics) -> String? {
        if let text = String(validating: contents.bytes, as: UTF8.self) { return text }
        // The first bad byte is in the first line that is not valid by itself.
        let lines = contents.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        diagnostics.error("the file is not UTF-8 text", at: SourceMark(line: index + 1, column: 1).place())
        return nil
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
