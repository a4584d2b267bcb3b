import CountersignIdentity
import CountersignJSON
import CountersignPolicy
package import CountersignRouting

/// Takes messages about routes into a registry.
///
/// A message that repeats the last one of its endpoint, which most do, is read once and makes nothing.
package struct RegistrationDesk: Sendable {
    private var reader = RegistrationReader()

    /// Makes a desk.
    package init() {}

    /// Takes `router.register`.
    ///
    /// - Parameters:
    ///   - bytes: bytes that the message is in.
    ///   - range: where it is.
    ///   - registry: what is changed by it.
    ///   - now: the registry's time.
    /// - Throws: ``RegistrationError`` for a message that is not acted upon at all.
    package mutating func register(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        in registry: inout RouteRegistry,
        now: UInt64
    ) throws(RegistrationError) -> RegistrationReport {
        try read(bytes, range)
        guard reader.routeService == nil else {
            throw RegistrationError(
                .routeService,
                "route_service_url: this router sends requests to no route service; the route is not taken up, as "
                    + "requests would pass the service by"
            )
        }
        let signature = registry.signature(of: bytes.extracting(range))
        var report = RegistrationReport()
        report.updatedAt = reader.updatedAt
        var registration: EndpointRegistration?
        for route in reader.routes {
            if !route.isEscaped,
                registry.refresh(bytes.extracting(route.start..<route.end), signature: signature, now: now)
            {
                report.repeated += 1
                continue
            }
            guard let pattern = try pattern(route, bytes, &report) else { continue }
            if registration == nil { registration = try endpoint(bytes, signature, &report) }
            guard let registration else { break }
            switch registry.register(pattern, registration, now: now) {
            case .added: report.added += 1
            case .replaced: report.replaced += 1
            case .shadowed: report.shadowed += 1
            case .refused: report.refused += 1
            }
        }
        // What is wrong with it was told when it was said first.
        if report.repeated > 0 { report.faults = [] }
        return report
    }

    /// Takes `router.unregister`.
    ///
    /// - Parameters:
    ///   - bytes: bytes that the message is in.
    ///   - range: where it is.
    ///   - registry: what is changed by it.
    /// - Throws: ``RegistrationError`` for a message that is not acted upon at all.
    package mutating func unregister(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        in registry: inout RouteRegistry
    ) throws(RegistrationError) -> RegistrationReport {
        try read(bytes, range)
        var report = RegistrationReport()
        report.updatedAt = reader.updatedAt
        let host = try host(bytes)
        for route in reader.routes {
            guard let pattern = try pattern(route, bytes, &report) else { continue }
            if registry.unregister(pattern, host: host, port: reader.tlsPort ?? reader.port ?? 0) {
                report.removed += 1
            }
        }
        return report
    }

    private mutating func read(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(RegistrationError) {
        do throws(JSONError) {
            try reader.read(bytes, range)
        } catch {
            throw RegistrationError(.malformed, error.description)
        }
    }

    private func text(_ text: JSONText, _ bytes: Span<UInt8>) throws(RegistrationError) -> String {
        do throws(JSONError) {
            return try text.string(bytes)
        } catch {
            throw RegistrationError(.malformed, error.description)
        }
    }

    private func optional(_ text: JSONText?, _ bytes: Span<UInt8>) throws(RegistrationError) -> String? {
        guard let text else { return nil }
        return try self.text(text, bytes)
    }

    private func pattern(
        _ route: JSONText,
        _ bytes: Span<UInt8>,
        _ report: inout RegistrationReport
    ) throws(RegistrationError) -> RoutePattern? {
        let text = try text(route, bytes)
        do throws(RoutingError) {
            return try RoutePattern(parsing: text)
        } catch {
            report.tell(error.message)
            return nil
        }
    }

    private func host(_ bytes: Span<UInt8>) throws(RegistrationError) -> String {
        guard let place = reader.host else { throw RegistrationError(.malformed, "host: a host is required") }
        let text = try text(place, bytes)
        do throws(IdentityError) {
            return try HostName(parsing: text).description
        } catch {
            throw RegistrationError(.malformed, "host: \(error)")
        }
    }

    private func endpoint(
        _ bytes: Span<UInt8>,
        _ signature: UInt64,
        _ report: inout RegistrationReport
    ) throws(RegistrationError) -> EndpointRegistration {
        let spoken = try optional(reader.applicationProtocol, bytes) ?? Endpoint.ApplicationProtocol.http1.rawValue
        guard let applicationProtocol = Endpoint.ApplicationProtocol(rawValue: spoken) else {
            throw RegistrationError(
                .malformed,
                "protocol: \(IdentityError.excerpt(of: spoken)) is neither http1 nor http2"
            )
        }
        let endpoint = Endpoint(
            host: try host(bytes),
            port: reader.tlsPort ?? reader.port ?? 0,
            tags: try tags(bytes, &report),
            instance: EndpointInstance(
                application: try optional(reader.app, bytes),
                id: try optional(reader.instanceID, bytes),
                index: try optional(reader.instanceIndex, bytes),
                zone: try optional(reader.zone, bytes),
                segment: try optional(reader.segment, bytes)
            ),
            serverCertDomainSAN: try optional(reader.serverName, bytes),
            applicationProtocol: applicationProtocol,
            usesTLS: reader.tlsPort != nil
        )
        return EndpointRegistration(
            endpoint: endpoint,
            options: try options(bytes, &report),
            lifetime: reader.lifetime,
            signature: signature
        )
    }

    private func tags(
        _ bytes: Span<UInt8>,
        _ report: inout RegistrationReport
    ) throws(RegistrationError) -> EndpointTags {
        guard let range = reader.tags else { return .none }
        var pairs: [(String, String)] = []
        for member in try members(bytes, range) {
            switch member.value {
            case .string(let text): pairs.append((member.name, text))
            case .null: break
            default: report.tell("tags: \(IdentityError.excerpt(of: member.name)) is no string and is left out")
            }
        }
        return EndpointTags(pairs)
    }

    private func options(
        _ bytes: Span<UInt8>,
        _ report: inout RegistrationReport
    ) throws(RegistrationError) -> RegisteredOptions? {
        guard let range = reader.options else { return nil }
        var elements: [RouteOptions.Element] = []
        for member in try members(bytes, range) {
            switch member.value {
            case .string(let text): elements.append(.init(member.name, .string(text)))
            case .number(let number): elements.append(.init(member.name, .integer(Int(number))))
            case .fraction(let number): elements.append(.init(member.name, .number(number)))
            case .bool(let flag): elements.append(.init(member.name, .boolean(flag)))
            case .null: break
            case .object, .array:
                // A policy that is nested is none that can be read; without a word about it, it would be no policy.
                elements.append(.init(member.name, .string("")))
                report.tell("options: \(IdentityError.excerpt(of: member.name)) is no string, number or boolean")
            }
        }
        guard !elements.isEmpty else { return nil }
        do throws(PolicyError) {
            var ignored: [PolicyError] = []
            let options = try RouteOptions(elements)
            let made = RegisteredOptions(source: range.map { bytes[$0] }, options: options, ignored: &ignored)
            for problem in ignored { report.tell("options: \(problem.message)") }
            return made
        } catch {
            throw RegistrationError(.malformed, "options: \(error.message)")
        }
    }

    /// The members of an object that was found to be one.
    private func members(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(RegistrationError) -> [JSONValue.Member] {
        do throws(JSONError) {
            guard case .object(let members) = try JSONValue(parsing: range.map { bytes[$0] }) else { return [] }
            return members
        } catch {
            throw RegistrationError(.malformed, error.description)
        }
    }
}
