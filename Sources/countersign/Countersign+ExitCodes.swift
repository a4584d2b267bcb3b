import ArgumentParser
import Foundation

extension Countersign {
    /// Runs the command; arguments that cannot be used end it with exit code 2, as every tool here means by that code.
    static func main() {
        do {
            var command = try self.parseAsRoot()
            try command.run()
        } catch {
            guard self.exitCode(for: error) == .validationFailure else { self.exit(withError: error) }
            FileHandle.standardError.write(Data((self.fullMessage(for: error) + "\n").utf8))
            Foundation.exit(2)
        }
    }
}
