import CountersignIdentity

/// Replaces `${NAME}` and `${NAME:-default}` in a text by values of the environment.
///
/// `$$` stands for `$`; a `$` before anything but `{` and `$` stands for itself. A default is taken when the variable is
/// not set or empty; it ends at the first `}` and is not searched for variables. Values are inserted as they are and
/// looked at no further, so that a value can neither name another variable nor change the structure of the file.
package struct VariableSubstitution {
    /// The text with the values inserted.
    package private(set) var text = ""

    /// Whether a value of the environment, or a default, was inserted.
    package private(set) var isSubstituted = false

    /// What is wrong, if anything; it holds names of variables and no values.
    package private(set) var problem: String?

    /// Substitutes the variables of `source`.
    package init(of source: String, variable: (String) -> String?) {
        guard source.utf8.contains(UInt8(ascii: "$")) else {
            text = source
            return
        }
        var rest = source[...]
        while let dollar = rest.firstIndex(of: "$") {
            text += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            switch rest.first {
            case "$":
                text += "$"
                rest = rest.dropFirst()
            case "{":
                guard let end = rest.firstIndex(of: "}") else {
                    problem = problem ?? "\"${\" has no \"}\"; write \"$$\" for a dollar sign"
                    return
                }
                insert(rest[rest.index(after: rest.startIndex)..<end], variable)
                rest = rest[rest.index(after: end)...]
            default:
                text += "$"
            }
        }
        text += rest
    }

    private mutating func insert(_ expression: Substring, _ variable: (String) -> String?) {
        isSubstituted = true
        var name = expression
        var fallback: Substring?
        if let colon = expression.firstIndex(of: ":") {
            name = expression[..<colon]
            let operation = expression[colon...]
            guard operation.hasPrefix(":-") else {
                problem = problem ?? "\"${\(name):\" must go on with \"-\" and a default, as in ${NAME:-default}"
                return
            }
            fallback = operation.dropFirst(2)
        }
        guard Self.isName(name) else {
            problem = problem ?? "\(IdentityError.excerpt(of: String(name))) is not the name of an environment variable"
            return
        }
        let value = variable(String(name))
        if let fallback, value?.isEmpty ?? true {
            text += fallback
        } else if let value {
            text += value
        } else {
            problem = problem ?? "the environment variable \(name) is not set, and no default is given"
        }
    }

    private static func isName(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.unicodeScalars.allSatisfy { scalar in
            scalar == "_" || ("0"..."9").contains(scalar) || ("a"..."z").contains(scalar)
                || ("A"..."Z").contains(scalar)
        }
    }
}
