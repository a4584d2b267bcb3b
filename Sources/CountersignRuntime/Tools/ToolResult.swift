/// What a command-line tool has to say: text for standard output and the exit code.
package struct ToolResult: Sendable, Equatable {
    /// What goes to standard output, with its final newline.
    package let output: String

    /// What goes to standard error, with its final newline; empty when nothing does.
    package let diagnostics: String

    /// The exit code.
    package let exitCode: Int32

    /// Creates a result.
    package init(output: String, diagnostics: String = "", exitCode: Int32 = 0) {
        self.output = output
        self.diagnostics = diagnostics
        self.exitCode = exitCode
    }

    /// The exit code for arguments or files that cannot be used.
    package static let unusableArguments: Int32 = 2

    /// The result of an error that ended the tool.
    package init(_ error: ToolError) {
        self.init(output: "", diagnostics: "error: \(error.message)\n", exitCode: error.exitCode)
    }
}
