import CountersignIdentity

/// Keeps keys that were given as arguments out of messages.
package enum ArgumentPrivacy {
    /// Why the arguments cannot be used, when one of them is PEM text where the path of a file belongs; nil when none is.
    ///
    /// The message names the option, and nothing of the text.
    package static func refusal(of arguments: [String]) -> String? {
        guard let index = arguments.firstIndex(where: { $0.contains("-----BEGIN") || $0.contains("PRIVATE KEY") })
        else {
            return nil
        }
        let advice = "give the path of a file, not the PEM text itself"
        let argument = arguments[index]
        if argument.hasPrefix("--"), !argument.hasPrefix("---"), let end = argument.firstIndex(of: "="),
            !KeyMaterial.mayBe(in: String(argument[..<end]))
        {
            return "\(argument[..<end]): \(advice)"
        }
        guard index > 0, arguments[index - 1].hasPrefix("--"), !arguments[index - 1].contains("=") else {
            return advice
        }
        return "\(arguments[index - 1]): \(advice)"
    }

    /// The message without those arguments that may be keys.
    package static func clean(_ message: String, of arguments: [String]) -> String {
        var message = message
        for argument in arguments where KeyMaterial.mayBe(in: argument) {
            message = message.replacing(argument, with: KeyMaterial.placeholder)
            guard let start = argument.firstIndex(of: "=") else { continue }
            let value = argument[argument.index(after: start)...]
            if !value.isEmpty { message = message.replacing(value, with: KeyMaterial.placeholder) }
        }
        return message
    }
}
