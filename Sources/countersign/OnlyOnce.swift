import ArgumentParser

/// Refuses options that count once and are given more often: the earlier value would be dropped without a word.
enum OnlyOnce {
    /// Looks for the options among the arguments of the process.
    static func check(_ options: String...) throws {
        let arguments = CommandLine.arguments.prefix { $0 != "--" }
        for option in options where arguments.count(where: { $0 == option || $0.hasPrefix("\(option)=") }) > 1 {
            throw ValidationError("\(option) is given more than once; only one is possible")
        }
    }
}
