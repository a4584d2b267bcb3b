import CountersignConfiguration
import CountersignPolicy
import CountersignRouter
import CountersignRouting
import Logging

extension RouterProgram {
    /// The longest time that a configuration waits for addresses of names nobody had before.
    private static let patience = Duration.seconds(2)

    /// Gives a configuration that has just been loaded the addresses behind its names, as far as they are known in time.
    ///
    /// - Parameters:
    ///   - loaded: the configuration of a process that begins.
    ///   - names: has its names from now on, and tells of their changes by an event.
    ///   - revoked: what the snapshot's verifiers ask beside the lists.
    ///   - events: an end that is asked for ends the waiting.
    static func resolve(
        _ loaded: LoadedRouter,
        by names: NameResolver,
        _ revoked: RevokedCertificates,
        heeding events: ControlEvents
    ) throws -> LoadedRouter {
        names.observe(.file) { _ in events.put(.namesChanged) }
        let wanted = EndpointAddresses.names(of: loaded.settings.routes)
        guard !wanted.isEmpty else { return loaded }
        names.replace(wanted, for: .file) { events.put(.namesChanged) }
        _ = wait(for: wanted, names, events)
        var loaded = loaded
        let endpoints = EndpointAddresses(resolving: loaded.settings.routes) { names.addresses(of: $0) }
        try loaded.take(endpoints, revoked: revoked)
        return loaded
    }

    /// The addresses of routes that are about to come into force; what is known of their names counts.
    ///
    /// - Throws: `CancellationError` when the process is asked to end meanwhile.
    func resolve(_ routes: [RouteDefinition]) throws -> EndpointAddresses {
        let wanted = EndpointAddresses.names(of: routes)
        names.replace(wanted, for: .upcoming, askingAnew: true) { [events] in events.put(.namesChanged) }
        if Self.wait(for: wanted, names, events) { throw CancellationError() }
        return EndpointAddresses(resolving: routes) { [names] in names.addresses(of: $0) }
    }

    /// Sends requests of the file's routes where their names lead now.
    func followNames() {
        let endpoints = EndpointAddresses(resolving: loaded.settings.routes) { names.addresses(of: $0) }
        // One event tells of all names that have changed by then.
        guard endpoints.names != loaded.endpoints.names else { return }
        do {
            try loaded.take(endpoints, revoked: revoked)
            router.apply(loaded.snapshot)
        } catch {
            logger.error("addresses of names cannot be taken up", metadata: ["reason": .string("\(error)")])
        }
    }

    /// Waits until each name has been asked for; other events are acted upon afterwards.
    ///
    /// - Returns: whether the process is to end.
    private static func wait(for wanted: Set<String>, _ names: NameResolver, _ events: ControlEvents) -> Bool {
        let end = ContinuousClock.now + patience
        var deferred: [ControlEvent] = []
        while !names.haveAnswers(to: wanted), let event = events.next(until: end) {
            deferred.append(event)
            if event == .stop { break }
        }
        let isEnd = deferred.last == .stop
        if isEnd { events.put(.stop) }
        for event in isEnd ? deferred.dropLast() : deferred[...] { events.put(event) }
        return isEnd
    }
}
