import CountersignIdentity
import CountersignJSON
import CountersignPolicy
package import CountersignRouting

/// Takes messages about routes into a registry.
///
/// A message that repeats the last one of its endpoint, which most do, is read once and makes nothing.
package struct RegistrationDesk: Sendable {
    private var reader = RegistrationReader()
    /// Options that nothing was wrong with, each where the hash of its text says: most routes state the same few.
    private var knownOptions = [RegisteredOptions?](repeating: nil, count: 64)

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
            var known: Int?
            if !route.isEscaped { known = registry.place(of: bytes.extracting(route.start..<route.end)) }
            if known == nil { known = newPlace(route, bytes, &registry, &report) }
            guard let place = known else { continue }
            if registry.refresh(place, signature: signature, now: now) {
                report.repeated += 1
                continue
            }
            if registration == nil {
                registration = try endpoint(bytes, signature, registry, place, &report)
            }
            guard let registration else { break }
            let outcome = registry.register(place, registration, now: now)
            report.count(outcome)
            if outcome == .ownedHost || outcome == .bound, report.firstRuled[outcome] == nil {
                let name = try text(route, bytes)
                report.firstRuled[outcome] = "\(name) at \(registration.endpoint.address)"
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
    ///   - now: the time; without it, a route is forgotten with its last endpoint.
    /// - Throws: ``RegistrationError`` for a message that is not acted upon at all.
    package mutating func unregister(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        in registry: inout RouteRegistry,
        now: UInt64? = nil
    ) throws(RegistrationError) -> RegistrationReport {
        try read(bytes, range)
        var report = RegistrationReport()
        report.updatedAt = reader.updatedAt
        let host = try host(bytes)
        for route in reader.routes {
            guard let pattern = pattern(route, bytes, &report) else { continue }
            if registry.unregister(pattern, host: host, port: reader.tlsPort ?? reader.port ?? 0, now: now) {
                report.removed += 1
            }
        }
        return report
    }

    /// The place of a route that is not known by the text that it was sent in.
    private func newPlace(
        _ route: JSONText,
        _ bytes: Span<UInt8>,
        _ registry: inout RouteRegistry,
        _ report: inout RegistrationReport
    ) -> Int? {
        guard let pattern = pattern(route, bytes, &report) else { return nil }
        guard let place = registry.makePlace(for: pattern) else {
            report.refused += 1
            return nil
        }
        return place
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
    ) -> RoutePattern? {
        do {
            return try RoutePattern(parsing: try route.string(bytes))
        } catch {
            report.tell("uris: \(error)")
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

    private mutating func endpoint(
        _ bytes: Span<UInt8>,
        _ signature: UInt64,
        _ registry: borrowing RouteRegistry,
        _ place: Int,
        _ report: inout RegistrationReport
    ) throws(RegistrationError) -> EndpointRegistration {
        let sibling = registry.lastRegistered(place)
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
            usesTLS: reader.tlsPort != nil,
            sharing: sibling?.endpoint
        )
        return EndpointRegistration(
            endpoint: endpoint,
            options: try options(bytes, sibling?.options, registry, &report),
            lifetime: reader.lifetime,
            signature: signature
        )
    }

    private func tags(
        _ bytes: Span<UInt8>,
        _ report: inout RegistrationReport
    ) throws(RegistrationError) -> EndpointTags {
        guard let range = reader.tags else { return .none }
        do throws(JSONError) {
            return try Self.tags(bytes, range, &report)
        } catch {
            throw RegistrationError(.malformed, "tags: \(error.description)")
        }
    }

    private static func tags(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        _ report: inout RegistrationReport
    ) throws(JSONError) -> EndpointTags {
        // Each tag takes less than its JSON.
        var builder = EndpointTags.Builder(capacity: range.count)
        var scanner = JSONScanner(range)
        try scanner.beginObject(bytes)
        var isFirst = true
        while let name = try scanner.member(bytes, first: &isFirst) {
            if try scanner.takeNull(bytes) { continue }
            guard scanner.peek(bytes) == UInt8(ascii: "\"") else {
                try scanner.skip(bytes)
                report.tell("tags: \(IdentityError.excerpt(of: try name.string(bytes))) is no string and is left out")
                continue
            }
            let value = try scanner.string(bytes)
            let isNew: Bool
            if name.isEscaped || value.isEscaped {
                let texts = (Array(try name.string(bytes).utf8), Array(try value.string(bytes).utf8))
                isNew = builder.append(name: texts.0.span, value: texts.1.span)
            } else {
                isNew = builder.append(
                    name: bytes.extracting(name.start..<name.end),
                    value: bytes.extracting(value.start..<value.end)
                )
            }
            guard isNew else { throw scanner.error("a tag is repeated") }
            guard builder.count <= EndpointTags.maximumCount else {
                throw scanner.error("more than \(EndpointTags.maximumCount) tags")
            }
        }
        return EndpointTags(builder)
    }

    private mutating func options(
        _ bytes: Span<UInt8>,
        _ sibling: RegisteredOptions?,
        _ registry: borrowing RouteRegistry,
        _ report: inout RegistrationReport
    ) throws(RegistrationError) -> RegisteredOptions? {
        guard let range = reader.options else { return nil }
        let text = bytes.extracting(range)
        if let sibling, sibling.isMade(of: text) { return sibling }
        let index = Int(registry.signature(of: text) % UInt64(knownOptions.count))
        if let known = knownOptions[index], known.isMade(of: text) { return known }
        let faults = report.faults.count
        let made = try readOptions(bytes, range, &report)
        // What is wrong with options is told for each route that states them, so those are read anew.
        if let made, report.faults.count == faults { knownOptions[index] = made }
        return made
    }

    private func readOptions(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        _ report: inout RegistrationReport
    ) throws(RegistrationError) -> RegisteredOptions? {
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
            var unclear: [(option: String, message: String)] = []
            _ = RouteBalancing(options, problems: &unclear)
            // Of a value that is nested, it is told already.
            for problem in unclear where options[problem.option] != .string("") {
                report.tell("options: \(problem.option): \(problem.message)")
            }
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
