import CountersignIdentity

/// Where in a configuration file a value stands, and under which key.
package struct ConfigurationPlace: Equatable, Hashable, Sendable {
    /// The configuration file as it was named by the caller.
    package var file: String

    /// The line, counted from 1; 0 when the problem is about the file as a whole.
    package var line: Int

    /// The column, counted in Unicode scalars from 1; 0 when the problem is about the file as a whole.
    package var column: Int

    /// The keys from the root to the value, as in `router.domains[1].ca_certs`; empty for the root.
    package var path: String

    /// Makes a place from its parts.
    package init(file: String = "", line: Int, column: Int, path: String) {
        self.file = file
        self.line = line
        self.column = column
        self.path = path
    }

    /// A file as a whole.
    package static func wholeFile(_ file: String) -> ConfigurationPlace {
        ConfigurationPlace(file: file, line: 0, column: 0, path: "")
    }

    /// Another place of the same file.
    func moved(line: Int, column: Int, path: String) -> ConfigurationPlace {
        ConfigurationPlace(file: file, line: line, column: column, path: path)
    }

    /// A section as a whole, also one that the file does not have.
    package static func section(_ name: String) -> ConfigurationPlace {
        ConfigurationPlace(line: 0, column: 0, path: name)
    }

    /// Returns the path of `key` under `parent`; a key of other than letters, digits, `_` and `-` stands in quotes,
    /// and one that may be a private key is not shown.
    static func path(_ parent: String, _ key: String) -> String {
        let isPlain = key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
        let name = isPlain && !key.isEmpty && !KeyMaterial.mayBe(in: key) ? key : IdentityError.excerpt(of: key)
        return parent.isEmpty ? name : "\(parent).\(name)"
    }
}

extension ConfigurationPlace: CustomStringConvertible {
    /// File, line and column as `file:line:column`; the file alone when the place is the file as a whole.
    package var description: String {
        line > 0 ? "\(file):\(line):\(column)" : file
    }
}

extension ConfigurationPlace: Comparable {
    package static func < (left: ConfigurationPlace, right: ConfigurationPlace) -> Bool {
        (left.line, left.column, left.path) < (right.line, right.column, right.path)
    }
}
