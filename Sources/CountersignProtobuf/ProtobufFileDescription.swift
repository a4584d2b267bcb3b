/// What a file of message and service definitions says, for those who ask a server for it (`descriptor.proto`, proto3).
package struct ProtobufFileDescription: Sendable {
    /// The file's name, by which others import it.
    package var name: String
    /// The package; empty for none.
    package var package = ""
    /// The files that it imports.
    package var dependencies: [String] = []
    /// The messages.
    package var messages: [Message] = []
    /// The enumerations.
    package var enumerations: [Enumeration] = []
    /// The services.
    package var services: [Service] = []

    /// An empty file.
    package init(name: String) {
        self.name = name
    }

    /// A message.
    package struct Message: Sendable {
        var name: String
        var fields: [Field]
        var oneof: String?

        /// - Parameters:
        ///   - name: the name.
        ///   - fields: the fields.
        ///   - oneof: the name of the oneof that all fields are members of; nil when there is none.
        package init(_ name: String, _ fields: [Field] = [], oneof: String? = nil) {
            self.name = name
            self.fields = fields
            self.oneof = oneof
        }
    }

    /// A field of a message.
    package struct Field: Sendable {
        var name: String
        var number: Int64
        var kind: Kind
        var isRepeated: Bool

        /// - Parameters:
        ///   - name: the name.
        ///   - number: the number on the wire.
        ///   - kind: the type.
        ///   - isRepeated: whether it may stand any number of times; a map always may.
        package init(_ name: String, _ number: Int64, _ kind: Kind, isRepeated: Bool = false) {
            self.name = name
            self.number = number
            self.kind = kind
            self.isRepeated = isRepeated
        }
    }

    /// The type of a field; names of types are full, with a dot in front.
    package indirect enum Kind: Sendable {
        case double
        case bool
        case string
        case bytes
        case message(String)
        case enumeration(String)
        /// A map from strings.
        case map(Kind)
    }

    /// An enumeration.
    package struct Enumeration: Sendable {
        var name: String
        var values: [String]

        /// - Parameters:
        ///   - name: the name.
        ///   - values: the names of 0, 1 and so on.
        package init(_ name: String, _ values: [String]) {
            self.name = name
            self.values = values
        }
    }

    /// A service.
    package struct Service: Sendable {
        var name: String
        var methods: [Method]

        /// - Parameters:
        ///   - name: the name.
        ///   - methods: the methods.
        package init(_ name: String, _ methods: [Method]) {
            self.name = name
            self.methods = methods
        }
    }

    /// A method of a service.
    package struct Method: Sendable {
        var name: String
        var request: String
        var response: String
        var isStream: Bool

        /// - Parameters:
        ///   - name: the name.
        ///   - request: the full name of what the caller sends, with a dot in front.
        ///   - response: the full name of what it is answered, with a dot in front.
        ///   - isStream: whether it is answered any number of times.
        package init(_ name: String, _ request: String, _ response: String, isStream: Bool = false) {
            self.name = name
            self.request = request
            self.response = response
            self.isStream = isStream
        }
    }

    /// The full names of the services.
    package var serviceNames: [String] { services.map { full($0.name) } }

    /// The full names of everything that is defined.
    package var symbols: Set<String> {
        let methods = services.flatMap { service in service.methods.map { full("\(service.name).\($0.name)") } }
        return Set(messages.map { full($0.name) } + enumerations.map { full($0.name) } + serviceNames + methods)
    }

    private func full(_ name: String) -> String { package.isEmpty ? name : "\(package).\(name)" }
}
