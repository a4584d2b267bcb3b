import CountersignNATS
import CountersignRegistration
import CountersignRouting

/// A registration that repeats what is known, as a platform sends them every 20 seconds.
enum Registrations {
    static func register() -> () -> Void {
        let payload = Array(
            """
            {"host":"10.0.1.17","port":61042,"tls_port":61443,"uris":["app-1.apps.example.com"],"app":"app-1",\
            "private_instance_id":"3a1b2c3d-0000-4000-8000-000000000001","tags":{"component":"route-emitter"},\
            "server_cert_domain_san":"3a1b2c3d-0000-4000-8000-000000000001"}
            """.utf8
        )
        let bytes = Array("MSG router.register 1 \(payload.count)\r\n".utf8) + payload + Array("\r\n".utf8)
        let desk = Desk()
        return { Hotpath.expect(desk.take(bytes), "it is registered") }
    }

    private final class Desk {
        private var desk = RegistrationDesk()
        private var registry = RouteRegistry(seed: 0x5EED)
        private var parser = NATSParser()
        private var now: UInt64 = 0

        func take(_ bytes: [UInt8]) -> Bool {
            var offset = 0
            now += 1
            guard case .message(let message) = parser.next(bytes.span, from: &offset) else { return false }
            guard (try? desk.register(bytes.span, message.payload, in: &registry, now: now)) != nil else {
                return false
            }
            _ = registry.takeChanges()
            return registry.endpointCount == 1
        }
    }
}
