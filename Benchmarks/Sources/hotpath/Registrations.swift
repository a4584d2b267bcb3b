import CountersignNATS
import CountersignRegistration
import CountersignRouting

/// Registrations as a platform sends them: of what has just been started, and of what is known, every 20 seconds.
enum Registrations {
    static func repeated() -> () -> Void {
        let desk = Desk()
        let message = Self.message(application: 0)
        return { Hotpath.expect(desk.take(message) == 1, "it is registered once") }
    }

    static func new() -> () -> Void {
        let desk = Desk()
        let messages = (0..<8_192).map(Self.message)
        var count = 0
        return {
            Hotpath.expect(desk.take(messages[count]) == count + 1, "each is registered")
            count += 1
        }
    }

    private static func message(application: Int) -> [UInt8] {
        let payload = Array(
            """
            {"host":"10.0.\(application >> 8 & 255).\(application & 255)","port":61042,"tls_port":61443,\
            "uris":["app-\(application).apps.example.com"],"app":"app-\(application)",\
            "private_instance_id":"3a1b2c3d-0000-4000-8000-000000000001","tags":{"component":"route-emitter"},\
            "server_cert_domain_san":"3a1b2c3d-0000-4000-8000-000000000001"}
            """.utf8
        )
        return Array("MSG router.register 1 \(payload.count)\r\n".utf8) + payload + Array("\r\n".utf8)
    }

    private final class Desk {
        private var desk = RegistrationDesk()
        private var registry = RouteRegistry(seed: 0x5EED)
        private var parser = NATSParser()
        private var now: UInt64 = 0

        /// Takes a message, and answers how many endpoints there are now; nil where it is no registration.
        func take(_ bytes: [UInt8]) -> Int? {
            var offset = 0
            now += 1
            guard case .message(let message) = parser.next(bytes.span, from: &offset) else { return nil }
            guard (try? desk.register(bytes.span, message.payload, in: &registry, now: now)) != nil else { return nil }
            _ = registry.takeChanges()
            return registry.endpointCount
        }
    }
}
