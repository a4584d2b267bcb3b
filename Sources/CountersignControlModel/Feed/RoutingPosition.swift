/// What a router knows of the control plane's routes, as the lines come; without I/O.
package struct RoutingPosition: Sendable {
    /// What a complete batch changes.
    package struct Batch: Sendable {
        /// Whether what was known before counts no more.
        package var isReset = false
        /// Patterns that are gone, and then the routes that are new or have changed.
        package var removed: [String] = []
        /// Routes in their new form.
        package var routes: [ControlledRoute] = []
        /// Names of domains that are gone, and then the domains that are new or have changed.
        package var removedDomains: [String] = []
        /// Domains in their new form.
        package var domains: [ControlledDomain] = []

        package init(
            isReset: Bool = false,
            removed: [String] = [],
            routes: [ControlledRoute] = [],
            removedDomains: [String] = [],
            domains: [ControlledDomain] = []
        ) {
            self.isReset = isReset
            self.removed = removed
            self.routes = routes
            self.removedDomains = removedDomains
            self.domains = domains
        }

        /// The lines of the batch, without its end.
        package var lines: [RoutingLine] {
            (isReset ? [.reset] : []) + removedDomains.map { .removedDomain($0) } + domains.map { .domain($0) }
                + removed.map { .removed($0) } + routes.map { .route($0) }
        }

        /// Whether everything stays as it is: only the version advances.
        package var isEmpty: Bool {
            !isReset && removed.isEmpty && routes.isEmpty && removedDomains.isEmpty && domains.isEmpty
        }
    }

    /// What follows from a line.
    package enum Outcome: Sendable {
        /// Nothing yet.
        case none
        /// A batch is complete and is to be applied; an empty one too, since the next batch follows its version.
        case apply(Batch)
        /// All changes up to now are known.
        case current
        /// Lines do not fit together: everything has to be asked for again.
        case disorder(String)
    }

    /// The numbering and the version that are known; nil before anything is.
    package private(set) var known: (epoch: String, sequence: Int64)?
    private var batch = Batch()
    private var hasLines = false

    package init() {}

    /// Takes a line.
    package mutating func take(_ line: RoutingLine) -> Outcome {
        switch line {
        case .heartbeat:
            return known != nil && !hasLines ? .current : .none
        case .reset:
            batch = Batch(isReset: true)
            hasLines = true
            return .none
        case .route(let route):
            batch.routes.append(route)
            hasLines = true
            return .none
        case .removed(let pattern):
            batch.removed.append(pattern)
            hasLines = true
            return .none
        case .domain(let domain):
            batch.domains.append(domain)
            hasLines = true
            return .none
        case .removedDomain(let name):
            batch.removedDomains.append(name)
            hasLines = true
            return .none
        case .sync(let epoch, let after, let sequence):
            return end(epoch, after, sequence)
        }
    }

    /// Forgets an unfinished batch, as when a stream has ended within it.
    package mutating func dropUnfinished() {
        batch = Batch()
        hasLines = false
    }

    /// Forgets what is known, so that everything is asked for.
    package mutating func distrust() {
        dropUnfinished()
        known = nil
    }

    private mutating func end(_ epoch: String, _ after: Int64, _ sequence: Int64) -> Outcome {
        let batch = self.batch
        let hadLines = hasLines
        dropUnfinished()
        if !batch.isReset {
            guard let known, known.epoch == epoch, known.sequence == after, sequence >= after else {
                distrust()
                return .disorder("a batch from \(after) to \(sequence) does not follow what is known")
            }
        }
        known = (epoch, sequence)
        return hadLines || sequence != after ? .apply(batch) : .current
    }
}
