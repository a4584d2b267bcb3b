package import CountersignPKI

/// Why a command-line tool ended without doing its job.
package struct ToolError: Error, Sendable {
    /// One sentence for the user.
    package let message: String

    /// The exit code that it means.
    package let exitCode: Int32

    /// What a server answered; nil for what no server said.
    package var status: Int?

    /// An error in the arguments, or in a file that they name.
    package init(_ message: String, exitCode: Int32 = ToolResult.unusableArguments) {
        self.message = message
        self.exitCode = exitCode
    }

    /// An error in the content of a file.
    package init(_ error: PKIError, inFile path: String) {
        let place = error.line.map { "\(path):\($0)" } ?? path
        self.init("\(PrintableText.escaped(place)): \(error.message)")
    }
}

extension ToolError: CustomStringConvertible {
    package var description: String { self.message }
}
