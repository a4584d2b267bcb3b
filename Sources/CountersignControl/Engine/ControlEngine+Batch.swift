import CountersignControlModel
import CountersignRouting

extension ControlEngine {
    /// Makes changes all in one transaction, or none; routers are told of all together.
    ///
    /// - Parameters:
    ///   - caller: who makes them.
    ///   - read: reads what is wanted, on the thread that makes changes.
    ///   - completion: takes how many changes were made, and the token of the state after them.
    package func apply(
        by caller: ControlCaller,
        reading read: @escaping @Sendable () throws(ControlError) -> ControlBatch,
        completion: @escaping Completion<(count: Int, version: String)>
    ) {
        change("control.apply", by: caller) { context throws(ControlError) in
            let batch = try read()
            guard batch.version == nil || batch.version == context.state.token else {
                throw .changedMeanwhile(
                    "The control plane was changed after version \(batch.version?.prefix(80) ?? ""): read it again"
                )
            }
            return try Self.edit(batch.steps, context)
        } completion: { [self] result in
            completion(result.map { ($0, state.token) })
        }
    }

    /// What changes come to, one after the other.
    ///
    /// - Throws: ``ControlError`` that names the first that cannot be made.
    static func edit(_ steps: [ControlStep], _ context: EditContext) throws(ControlError) -> ControlEdit<Int> {
        let before = context.state
        var context = context
        var whole = ControlEdit(target: "", value: steps.count)
        var puts: [ControlRecord.Key: ControlRecord] = [:]
        var order: [ControlRecord.Key] = []
        var deletes: Set<ControlRecord.Key> = []
        for (index, step) in steps.enumerated() {
            let edit: StagedEdit
            do throws(ControlError) {
                edit = try stage(step, context)
            } catch {
                throw error.at("changes[\(index)]")
            }
            context.state.stage(puts: edit.puts, deletes: edit.deletes)
            whole.trail.append(edit.line)
            for key in edit.deletes {
                puts[key] = nil
                // What only this batch has made is in no store.
                if before.has(key), deletes.insert(key).inserted { whole.deletes.append(key) }
            }
            for record in edit.puts {
                if puts.updateValue(record, forKey: record.key) == nil { order.append(record.key) }
            }
        }
        whole.puts = order.compactMap { puts.removeValue(forKey: $0) }
        return whole
    }

    private static func stage(_ step: ControlStep, _ context: EditContext) throws(ControlError) -> StagedEdit {
        switch step {
        case .putName(let kind, let guid, let name, let parent):
            return StagedEdit("\(kind.rawValue).put", try edit(naming: guid, kind, name, in: parent, context))
        case .createDomain(let draft):
            return StagedEdit("domain.create", try edit(creating: draft, context))
        case .updateDomain(let name, let change):
            return StagedEdit("domain.update", try edit(try domain(name, context.state), change, context))
        case .createRoute(var draft):
            draft.domain = try domain(draft.domain, context.state).header.guid
            return StagedEdit("route.create", try edit(creating: draft, context))
        case .updateRoute(let url, let options, let metadata):
            let guid = try route(at: url, context.state)
            return StagedEdit("route.update", try edit(route: guid, options, metadata, context))
        case .setDestinations(let url, let drafts):
            let guid = try route(at: url, context.state)
            return StagedEdit("route.destinations", try edit(route: guid, drafts, replacing: true, context))
        case .createPolicy(var draft):
            draft.route = try route(at: draft.route, context.state)
            return StagedEdit("\(draft.side.rawValue)_policy.create", try edit(creating: draft, context))
        case .updatePolicy(let side, let source, let url, let change):
            let policy = try policy(side, source, url, context.state)
            return StagedEdit("\(side.rawValue)_policy.update", try edit(policy, change, context))
        case .deletePolicy(let side, let source, let url):
            let policy = try policy(side, source, url, context.state)
            return StagedEdit("\(side.rawValue)_policy.delete", edit(deleting: policy, context))
        }
    }

    private static func domain(_ name: String, _ state: ControlState) throws(ControlError) -> DomainRecord {
        guard let domain = state.domain(named: name.lowercased()) else {
            throw .unprocessable("There is no domain \(name.prefix(300))")
        }
        return domain
    }

    private static func route(at url: String, _ state: ControlState) throws(ControlError) -> String {
        let pattern = (try? RoutePattern(parsing: url))?.description ?? url
        guard let route = state.route(matching: pattern) else {
            throw .unprocessable("There is no route \(url.prefix(300))")
        }
        return route.header.guid
    }

    private static func policy(
        _ side: PolicyRecord.Side,
        _ source: String,
        _ url: String,
        _ state: ControlState
    ) throws(ControlError) -> PolicyRecord {
        let guid = try route(at: url, state)
        guard let policy = state.policy(side, try self.source(source, state), of: guid) else {
            throw .unprocessable("The route \(url.prefix(300)) has no policy with the source \(source.prefix(300))")
        }
        return policy
    }
}

/// What one of several changes comes to.
private struct StagedEdit {
    let puts: [ControlRecord]
    let deletes: [ControlRecord.Key]
    let line: TrailLine

    init(_ action: String, _ edit: ControlEdit<some Sendable>) {
        puts = edit.puts
        deletes = edit.deletes
        line = TrailLine(action: action, target: edit.target, detail: edit.detail)
    }
}
