/// What the reading of one configuration file needs besides the file's values.
final class ReadingContext {
    /// Takes what is wrong.
    let diagnostics: ConfigurationDiagnostics

    /// The folder that relative paths start from: the configuration file's own.
    let directory: String

    /// The names of upstreams that the file declares, those with other faults included.
    private(set) var upstreams: Set<String> = []

    private let environment: @Sendable (String) -> String?

    init(
        diagnostics: ConfigurationDiagnostics,
        directory: String,
        environment: @escaping @Sendable (String) -> String?
    ) {
        self.diagnostics = diagnostics
        self.directory = directory
        self.environment = environment
    }

    /// The value of an environment variable, or nil when it is not set.
    func variable(_ name: String) -> String? { environment(name) }

    /// Returns `path` as the process can open it: relative paths start from the configuration file's folder.
    func resolve(_ path: String) -> String {
        if path.hasPrefix("/") || directory.isEmpty { return path }
        return directory == "/" ? "/\(path)" : "\(directory)/\(path)"
    }

    /// Notes that the file declares an upstream of this name; false when it does so for the second time.
    func declare(upstream name: String) -> Bool {
        upstreams.insert(name).inserted
    }
}
