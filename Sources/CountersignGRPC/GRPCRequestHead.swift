/// What a caller says before its messages: which method, and fields beside it.
package struct GRPCRequestHead: Equatable, Sendable {
    /// Why a request is no call of gRPC.
    package enum Fault: Error, Equatable, Sendable {
        /// It is not a POST: 405.
        case method
        /// Its content is not of gRPC: 415.
        case contentType
        /// It cannot be read.
        case malformed
    }

    /// The method: a slash, the service's full name, a slash, the method's name.
    package let path: String
    /// How long the caller waits; `nil` for as long as it takes.
    package let timeout: Duration?
    private let fields: [(name: String, value: String)]

    /// Reads a head as it is written for HTTP/1.1, with names in lower case.
    ///
    /// - Throws: ``Fault``.
    package init(_ head: [UInt8]) throws(Fault) {
        guard let text = String(validating: head, as: UTF8.self) else { throw .malformed }
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: true)
        let request = lines.first?.split(separator: " ", omittingEmptySubsequences: false) ?? []
        guard request.count == 3 else { throw .malformed }
        guard request[0] == "POST" else { throw .method }
        self.path = String(request[1])
        var fields: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw .malformed }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            fields.append((String(line[..<colon]), String(value)))
        }
        self.fields = fields
        let types = fields.filter { $0.name == "content-type" }
        guard types.count == 1, Self.isOfGRPC(types[0].value) else { throw .contentType }
        guard let wait = fields.first(where: { $0.name == "grpc-timeout" }) else {
            self.timeout = nil
            return
        }
        guard let timeout = GRPCTimeout.duration(wait.value) else { throw .malformed }
        self.timeout = timeout
    }

    /// The values of a field, by its name in lower case, in the order in which they came.
    package func values(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    private static func isOfGRPC(_ type: String) -> Bool {
        let type = type.lowercased()
        return type == "application/grpc" || type.hasPrefix("application/grpc+") || type.hasPrefix("application/grpc;")
    }

    package static func == (left: GRPCRequestHead, right: GRPCRequestHead) -> Bool {
        left.path == right.path && left.timeout == right.timeout
            && left.fields.elementsEqual(right.fields) { $0 == $1 }
    }
}
