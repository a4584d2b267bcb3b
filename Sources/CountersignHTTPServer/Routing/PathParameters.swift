/// What stood in a path where its pattern has `{name}`.
package struct PathParameters: Sendable {
    private let names: [String]
    private let values: [String]

    init(names: [String], values: [String]) {
        self.names = names
        self.values = values
    }

    /// The decoded value: not empty, without controls, and without slashes unless the pattern says `{name...}`.
    ///
    /// A name that the pattern lacks has an empty value.
    package subscript(name: String) -> String {
        guard let index = names.firstIndex(of: name) else { return "" }
        return values[index]
    }
}
