import CountersignAuthentication
import CountersignIdentity
import CountersignProtobuf

/// Envoy's question over gRPC: `envoy.service.auth.v3.CheckRequest`, as far as it is needed.
struct EnvoyCheck {
    /// The path of the method.
    static let path = "/envoy.service.auth.v3.Authorization/Check"

    private var method = ""
    private var host = ""
    private var target = ""
    /// Names are in lower case; of a field that came repeatedly, Envoy joins the values by commas.
    private var headers: [(name: String, value: String)] = []

    /// The names of the header fields.
    var fieldNames: [String] { headers.map(\.name) }

    /// Reads a message.
    init(_ message: [UInt8]) throws(ProtobufError) {
        var reader = ProtobufReader(message)
        while let field = try reader.next() {
            if field.number == 1 { try readAttributes(try field.bytes()) }
        }
    }

    /// The request that the client made; nil when the question does not say what it was.
    func original(from peer: IPAddress) -> InboundRequest? {
        guard !method.isEmpty, !target.isEmpty else { return nil }
        return InboundRequest(peer: peer, method: method, host: host, target: target) { [headers] name in
            let wanted = name.lowercased()
            return headers.filter { $0.name == wanted }.map(\.value)
        }
    }

    private mutating func readAttributes(_ message: ArraySlice<UInt8>) throws(ProtobufError) {
        var reader = ProtobufReader(message)
        while let field = try reader.next() {
            guard field.number == 4 else { continue }
            var request = ProtobufReader(try field.bytes())
            while let field = try request.next() {
                if field.number == 2 { try readHTTP(try field.bytes()) }
            }
        }
    }

    private mutating func readHTTP(_ message: ArraySlice<UInt8>) throws(ProtobufError) {
        var reader = ProtobufReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 2: method = try field.text()
            case 3: try readHeader(try field.bytes())
            case 4: target = try field.text()
            case 5: host = try field.text()
            default: break
            }
        }
    }

    private mutating func readHeader(_ message: ArraySlice<UInt8>) throws(ProtobufError) {
        var reader = ProtobufReader(message)
        var name = ""
        var value = ""
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try field.text()
            case 2: value = try field.text()
            default: break
            }
        }
        headers.append((name, value))
    }
}
