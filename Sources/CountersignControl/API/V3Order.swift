import CountersignControlModel
import Synchronization

/// All records of each kind in the order in which they were made.
///
/// Sorting is what a page of a long list costs most; all pages of one state share it.
final class V3Order: Sendable {
    private struct Lists {
        var token = ""
        var domains: [DomainRecord]?
        var routes: [RouteRecord]?
        var policies: [PolicyRecord.Side: [PolicyRecord]] = [:]
        var names: [NameRecord.Kind: [NameRecord]] = [:]
    }

    private let lists = Mutex(Lists())

    /// Every domain.
    func domains(_ state: ControlState) -> [DomainRecord] {
        list(\.domains, state) { Self.sorted(state.domains.values, \.header) }
    }

    /// Every route.
    func routes(_ state: ControlState) -> [RouteRecord] {
        list(\.routes, state) { Self.sorted(state.routes.values, \.header) }
    }

    /// Every permission of a side.
    func policies(_ side: PolicyRecord.Side, _ state: ControlState) -> [PolicyRecord] {
        list(\.policies[side], state) { Self.sorted(state.policies.values.filter { $0.side == side }, \.header) }
    }

    /// Every name of a kind.
    func names(_ kind: NameRecord.Kind, _ state: ControlState) -> [NameRecord] {
        list(\.names[kind], state) { Self.sorted((state.names[kind] ?? [:]).values, \.header) }
    }

    /// Records in the order in which they were made; those of one second by the version that they were made in.
    static func sorted<Record: Sendable>(
        _ records: some Sequence<Record>,
        _ header: (Record) -> RecordHeader
    ) -> [Record] {
        records.sorted { V3Cursor(header($0)).isBefore(header($1)) }
    }

    private func list<Record: Sendable>(
        _ path: WritableKeyPath<Lists, [Record]?>,
        _ state: ControlState,
        _ make: () -> [Record]
    ) -> [Record] {
        let token = state.token
        let known = lists.withLock { lists in
            if lists.token != token { lists = Lists(token: token) }
            return lists[keyPath: path]
        }
        if let known { return known }
        let made = make()
        lists.withLock { lists in
            if lists.token == token { lists[keyPath: path] = made }
        }
        return made
    }
}

extension Array {
    /// Records in the order in which they were made, in the order that a query asks for.
    func ordered(by query: V3Query, _ header: (Element) -> RecordHeader) throws(ControlError) -> [Element] {
        let (name, isDown) = try query.order()
        var records = self
        if name == "updated_at" {
            records.sort { left, right in
                let (left, right) = (header(left), header(right))
                if left.updatedAt != right.updatedAt { return left.updatedAt < right.updatedAt }
                return V3Cursor(left).isBefore(right)
            }
        }
        return isDown ? records.reversed() : records
    }
}
