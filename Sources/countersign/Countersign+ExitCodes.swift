import ArgumentParser
import CountersignRuntime
import Foundation

extension Countersign {
    /// Runs the command; arguments that cannot be used end it with exit code 2, as every tool here means by that code.
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let refusal = ArgumentPrivacy.refusal(of: arguments) { self.refuse("error: \(refusal)") }
        do {
            var command = try self.parseAsRoot(arguments)
            try command.run()
        } catch {
            guard self.exitCode(for: error) == .validationFailure else { self.exit(withError: error) }
            self.refuse(ArgumentPrivacy.clean(self.fullMessage(for: error), of: arguments))
        }
    }

    private static func refuse(_ message: String) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        Foundation.exit(2)
    }
}
