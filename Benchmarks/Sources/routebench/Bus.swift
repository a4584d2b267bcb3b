import CountersignNATS
import CountersignRegistration
import CountersignRouting

/// The way of a registration from the bytes of the bus into the tables of event loops, without sockets and threads.
struct Bus {
    var registry = RouteRegistry(seed: 0x5EED)
    var tables: [RouteTable]
    private var desk = RegistrationDesk()
    private var parser = NATSParser()

    init(tables count: Int) {
        tables = (0..<count).map { RouteTable(seed: UInt64($0)) }
    }

    /// Takes what one read of the socket brings.
    mutating func take(_ bytes: [UInt8], now: UInt64) {
        var offset = 0
        while case .message(let message) = parser.next(bytes.span, from: &offset) {
            guard (try? desk.register(bytes.span, message.payload, in: &registry, now: now)) != nil else {
                preconditionFailure("a message of the benchmark is malformed")
            }
        }
        for change in registry.takeChanges() {
            for index in tables.indices { tables[index].apply(change) }
        }
    }

    /// Registrations of one endpoint each, as a platform sends them, in pieces of about 64 KiB.
    static func messages(routes: Int, endpointsPerRoute: Int) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var piece: [UInt8] = []
        for endpoint in 0..<endpointsPerRoute {
            for route in 0..<routes {
                let payload = Self.payload(route: route, endpoint: endpoint)
                piece += Array("MSG router.register 1 \(payload.count)\r\n".utf8) + payload + Array("\r\n".utf8)
                if piece.count >= 64 * 1024 {
                    pieces.append(piece)
                    piece = []
                }
            }
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }

    private static func payload(route: Int, endpoint: Int) -> [UInt8] {
        let app = guid(route, 1)
        let instance = guid(route, endpoint + 2)
        let address = "10.\(route >> 14 & 0xFF).\(route >> 6 & 0xFF).\(endpoint + 1)"
        let text = """
            {"host":"\(address)","port":\(61_000 + route & 63),"uris":["app-\(route).apps.example.com"],\
            "app":"\(app)","private_instance_id":"\(instance)","private_instance_index":"\(endpoint)",\
            "stale_threshold_in_seconds":120,"server_cert_domain_san":"\(instance)","availability_zone":"z1",\
            "endpoint_updated_at_ns":1700000000000000000,"tags":{"component":"route-emitter",\
            "organization_id":"\(guid(7, 7))","space_id":"\(guid(8, 8))"},\
            "options":{"loadbalancing":"round-robin"}}
            """
        return Array(text.utf8)
    }

    private static func guid(_ high: Int, _ low: Int) -> String {
        func hex(_ value: Int, _ digits: Int) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        return "\(hex(high, 8))-0000-4000-8000-\(hex(low, 12))"
    }
}
