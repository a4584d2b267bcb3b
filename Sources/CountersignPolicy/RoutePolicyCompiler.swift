import CountersignIdentity

/// Reads a route's options into a policy, noting every problem and leaving out what it concerns.
struct RoutePolicyCompiler {
    private let options: RouteOptions
    /// What is wrong, in the order in which it was found.
    private(set) var problems: [PolicyError] = []

    init(_ options: RouteOptions) {
        self.options = options
    }

    mutating func compile() -> RoutePolicy {
        var present: Set<RoutePolicyOption> = []
        for element in options.elements {
            if let option = RoutePolicyOption(rawValue: element.name) {
                present.insert(option)
            } else if RoutePolicyOption.claims(element.name) {
                let nearest = RoutePolicyOption.nearest(to: element.name)
                report(
                    .unknownOption,
                    [element.name],
                    "there is no route option \(IdentityError.excerpt(of: element.name)); is it \(nearest.rawValue)?"
                )
            }
        }
        let flat = names(of: .flatOptions)
        let routePolicies = names(of: .routePolicies)
        if !flat.isEmpty, !routePolicies.isEmpty {
            report(
                .conflictingOptions,
                flat + routePolicies,
                """
                \(list(flat)) and \(list(routePolicies)) are two forms of the same thing; keep one form (where nobody \
                can be asked, \(list(routePolicies)) applies)
                """
            )
        }
        if !routePolicies.isEmpty { return compileRoutePolicies(present) }
        if !flat.isEmpty { return compileFlatOptions() }
        return .unstated
    }

    private mutating func compileFlatOptions() -> RoutePolicy {
        var sources: [PolicySource] = []
        var lists: [String] = []
        for (option, source) in Self.listOptions {
            guard let text = string(option) else { continue }
            lists.append(option.rawValue)
            sources += guids(text, option).map(source)
        }
        if let allowAny = boolean(.allowAny), allowAny {
            if lists.isEmpty {
                sources = [.any]
            } else {
                report(
                    .conflictingOptions,
                    [RoutePolicyOption.allowAny.rawValue] + lists,
                    "mtls_allow_any excludes \(list(lists)); remove mtls_allow_any, or the lists, or set it to false"
                )
            }
        }
        return RoutePolicy(form: .flatOptions, scope: .any, sources: sources)
    }

    private mutating func compileRoutePolicies(_ present: Set<RoutePolicyOption>) -> RoutePolicy {
        var scope: RoutePolicyScope?
        if present.contains(.scope) {
            if let text = string(.scope) {
                scope = RoutePolicyScope(rawValue: text)
                if scope == nil {
                    report(
                        .invalidValue,
                        [RoutePolicyOption.scope.rawValue],
                        """
                        route_policy_scope is \(IdentityError.excerpt(of: text)) and has to be any, org or space; \
                        until then every caller is denied
                        """
                    )
                }
            }
        } else {
            report(
                .missingScope,
                [RoutePolicyOption.sources.rawValue],
                "route_policy_sources needs route_policy_scope: any, org or space (any applies where it is absent)"
            )
            scope = .any
        }
        return RoutePolicy(
            form: .routePolicies,
            scope: scope,
            sources: string(.sources).map { policySources($0, .sources) } ?? [],
            callerSources: present.contains(.callerSources) ? callerSources() : nil
        )
    }

    /// The sources that their owners let call the route: nobody when the option is empty or unusable.
    private mutating func callerSources() -> [PolicySource] {
        guard let text = string(.callerSources), !text.isEmpty else { return [] }
        return policySources(text, .callerSources)
    }

    private mutating func policySources(_ text: String, _ option: RoutePolicyOption) -> [PolicySource] {
        var sources: [PolicySource] = []
        for entry in entries(text, option) {
            do {
                sources.append(try PolicySource(parsing: entry))
            } catch {
                report(error.code, [option.rawValue], "\(option.rawValue): \(error.message)")
            }
        }
        // Owners of callers decide each for their own, so that `cf:any` of one says nothing about another's.
        if option == .sources, sources.contains(.any), sources.contains(where: { $0 != .any }) {
            report(
                .conflictingSources,
                [option.rawValue],
                "\(option.rawValue): cf:any excludes every other source; remove it or the others"
            )
            sources.removeAll { $0 == .any }
        }
        return sources
    }

    /// The GUIDs of an allow list; none of them when one is wrong, because the option as a whole is then not usable.
    private mutating func guids(_ text: String, _ option: RoutePolicyOption) -> [CloudFoundryGUID] {
        var guids: [CloudFoundryGUID] = []
        for entry in entries(text, option) {
            do {
                guids.append(try CloudFoundryGUID(parsing: entry))
            } catch {
                report(.invalidValue, [option.rawValue], "\(option.rawValue): \(error.message)")
                return []
            }
        }
        return guids
    }

    /// The parts between commas, without spaces around them.
    private mutating func entries(_ text: String, _ option: RoutePolicyOption) -> [Substring] {
        let entries = text.split(separator: ",", omittingEmptySubsequences: false).map { Self.trimmed($0) }
        if entries.contains(where: \.isEmpty) {
            report(
                .invalidValue,
                [option.rawValue],
                text.isEmpty
                    ? "\(option.rawValue) is empty; leave it out, or name who may call"
                    : "\(option.rawValue) has an empty entry; separate entries by single commas"
            )
            // An allow list counts as a whole, sources one by one.
            return option.form == .routePolicies ? entries.filter { !$0.isEmpty } : []
        }
        return entries
    }

    private mutating func string(_ option: RoutePolicyOption) -> String? {
        guard let value = options[option.rawValue] else { return nil }
        guard case .string(let text) = value else {
            report(
                .wrongType,
                [option.rawValue],
                "\(option.rawValue) is a \(value.typeName) and has to be a string"
            )
            return nil
        }
        return text
    }

    private mutating func boolean(_ option: RoutePolicyOption) -> Bool? {
        guard let value = options[option.rawValue] else { return nil }
        guard case .boolean(let flag) = value else {
            report(
                .wrongType,
                [option.rawValue],
                "\(option.rawValue) is a \(value.typeName) and has to be a boolean: true or false, unquoted"
            )
            return nil
        }
        return flag
    }

    private func names(of form: RoutePolicyForm) -> [String] {
        options.elements.map(\.name).filter { RoutePolicyOption(rawValue: $0)?.form == form }
    }

    private func list(_ names: [String]) -> String { names.joined(separator: ", ") }

    private mutating func report(_ code: PolicyError.Code, _ options: [String], _ message: String) {
        problems.append(PolicyError(code, options: options, message))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }

    private static let listOptions: [(RoutePolicyOption, @Sendable (CloudFoundryGUID) -> PolicySource)] = [
        (.allowedApps, { .app($0) }), (.allowedSpaces, { .space($0) }), (.allowedOrganizations, { .organization($0) }),
    ]
}
