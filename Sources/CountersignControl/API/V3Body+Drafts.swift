import CountersignControlModel
import CountersignPolicy

extension V3Body {
    /// The domain that is to be made.
    ///
    /// - Throws: ``ControlError`` with 422.
    func domainDraft() throws(ControlError) -> DomainDraft {
        var draft = DomainDraft(name: try requiredText("name"))
        draft.isInternal = try flag("internal") ?? false
        draft.policyScope = try policyScope()
        draft.metadata = try metadata().applied(to: RecordMetadata())
        return draft
    }

    /// The route that is to be made, without its space.
    ///
    /// - Throws: ``ControlError`` with 422.
    func routeDraft(domain: String) throws(ControlError) -> RouteDraft {
        var draft = RouteDraft(domain: domain)
        draft.host = try text("host") ?? ""
        draft.path = try text("path") ?? ""
        draft.destinations = try destinations() ?? []
        draft.options = try Self.options(try options() ?? [])
        draft.metadata = try metadata().applied(to: RecordMetadata())
        return draft
    }

    private func policyScope() throws(ControlError) -> RoutePolicyScope? {
        let text = try text("route_policies_scope")
        guard try flag("enforce_route_policies") ?? false else {
            guard text == nil else {
                throw .unprocessable("Route policies scope has no meaning without enforce_route_policies: true")
            }
            return nil
        }
        guard let text else { return .any }
        guard let scope = RoutePolicyScope(rawValue: text) else {
            throw .unprocessable("Route policies scope has to be any, org or space")
        }
        return scope
    }

    private static func options(_ change: OptionsChange) throws(ControlError) -> RouteOptions {
        do throws(PolicyError) {
            return try RouteOptions(change.compactMap { name, value in value.map { .init(name, $0) } })
        } catch {
            throw .unprocessable("Options are not usable: \(error.message)")
        }
    }
}
