import ArgumentParser
import CountersignRuntime
import Foundation

extension ToolResult {
    /// Prints the result and ends with its exit code.
    func finish() throws {
        FileHandle.standardOutput.write(Data(self.output.utf8))
        FileHandle.standardError.write(Data(self.diagnostics.utf8))
        if self.exitCode != 0 { throw ExitCode(self.exitCode) }
    }
}
