extension ProtobufFileDescription {
    /// The message `FileDescriptorProto`.
    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        writer.write(1, name)
        writer.write(2, package)
        for file in dependencies { writer.writeAlways(3, file) }
        for message in messages { writer.message(4) { write(message, to: &$0) } }
        for enumeration in enumerations { writer.message(5) { Self.write(enumeration, to: &$0) } }
        for service in services { writer.message(6) { Self.write(service, to: &$0) } }
        writer.write(12, "proto3")
        return writer.bytes
    }

    private func write(_ message: Message, to writer: inout ProtobufWriter) {
        writer.write(1, message.name)
        let scope = package.isEmpty ? ".\(message.name)" : ".\(package).\(message.name)"
        for field in message.fields {
            writer.message(2) { Self.write(field, in: scope, isMember: message.oneof != nil, to: &$0) }
        }
        for field in message.fields {
            guard case .map(let value) = field.kind else { continue }
            // A map is a repeated message of its own ("Maps", Language Guide).
            writer.message(3) { inner in
                inner.write(1, Self.entryName(of: field))
                inner.message(2) { Self.write(Field("key", 1, .string), in: scope, isMember: false, to: &$0) }
                inner.message(2) { Self.write(Field("value", 2, value), in: scope, isMember: false, to: &$0) }
                inner.message(7) { $0.write(7, true) }
            }
        }
        if let oneof = message.oneof { writer.message(8) { $0.write(1, oneof) } }
    }

    private static func write(_ field: Field, in scope: String, isMember: Bool, to writer: inout ProtobufWriter) {
        var isRepeated = field.isRepeated
        if case .map = field.kind { isRepeated = true }
        writer.write(1, field.name)
        writer.write(3, field.number)
        writer.write(4, isRepeated ? Int64(3) : 1)
        switch field.kind {
        case .double: writer.write(5, Int64(1))
        case .bool: writer.write(5, Int64(8))
        case .string: writer.write(5, Int64(9))
        case .bytes: writer.write(5, Int64(12))
        case .message(let type): writeType(11, type, to: &writer)
        case .enumeration(let type): writeType(14, type, to: &writer)
        case .map: writeType(11, "\(scope).\(entryName(of: field))", to: &writer)
        }
        if isMember { writer.writeAlways(9, Int64(0)) }
    }

    private static func writeType(_ type: Int64, _ name: String, to writer: inout ProtobufWriter) {
        writer.write(5, type)
        writer.write(6, name)
    }

    /// `federated_bundles` is `FederatedBundlesEntry`.
    private static func entryName(of field: Field) -> String {
        field.name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() + "Entry"
    }

    private static func write(_ enumeration: Enumeration, to writer: inout ProtobufWriter) {
        writer.write(1, enumeration.name)
        for (number, name) in enumeration.values.enumerated() {
            writer.message(2) { value in
                value.write(1, name)
                value.writeAlways(2, Int64(number))
            }
        }
    }

    private static func write(_ service: Service, to writer: inout ProtobufWriter) {
        writer.write(1, service.name)
        for method in service.methods {
            writer.message(2) { inner in
                inner.write(1, method.name)
                inner.write(2, method.request)
                inner.write(3, method.response)
                inner.write(6, method.isStream)
            }
        }
    }
}
