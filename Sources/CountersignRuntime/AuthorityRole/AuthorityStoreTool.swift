package import CountersignConfiguration
import CountersignFiles
import CountersignIssuance
import CountersignJSON
import CountersignPKI
import CountersignStore

/// `countersign authority init`, `backup`, `restore`, `reconcile` and `verify`: the inventory's files, without an authority.
package struct AuthorityStoreTool {
    private let path: String
    private let isJSON: Bool

    /// Finds the store of a configuration file.
    ///
    /// - Throws: ``ToolError`` when the file is refused, or the store is none of this program's own files.
    package init(configuration path: String, loader: ConfigurationLoader, json: Bool) throws(ToolError) {
        let result = loader.load(path: path, role: .authority)
        guard let section = result.configuration?.authority else {
            throw ToolError(
                ConfigurationRefusal(problems: result.problems).description,
                exitCode: Self.badConfiguration
            )
        }
        guard case .sqlite(let database, _) = section.store else {
            throw ToolError("\(path): the store is not SQLite; use the tools of its database")
        }
        self.path = database
        self.isJSON = json
    }

    /// Makes an empty inventory, and its folder where that is missing, for the first start of a new authority.
    package func initialize() -> ToolResult {
        run { () throws(StoreError) in
            guard !SQLiteStore.exists(at: path) else {
                throw StoreError(.unavailable, "there is an inventory at \(path) already; nothing is changed")
            }
            do {
                try Folder.make(Folder.parent(of: path))
            } catch {
                throw StoreError(.unavailable, "\(error)")
            }
            try AuthorityStorage.make(path).close()
            return report("an empty inventory is at \(path)", [.init("database", .string(path))])
        }
    }

    /// Writes a copy of the inventory to a new file; the authority may be running.
    package func backUp(to copy: String) -> ToolResult {
        run { () throws(StoreError) in
            try SQLiteStore.backUp(path, to: copy)
            return report(
                "\(path) is copied to \(copy)",
                [.init("database", .string(path)), .init("backup", .string(copy))]
            )
        }
    }

    /// Puts a backup in the place of the inventory of an authority that is stopped, and says what is left to do.
    package func restore(_ backup: String, acceptsLostLog: Bool) -> ToolResult {
        run { () throws(StoreError) in
            try SQLiteStore.restore(backup, to: path, requiresLog: !acceptsLostLog)
            let isReady = try isReady()
            return report(
                isReady
                    ? "\(backup) is restored to \(path), and nothing has happened since"
                    : "\(backup) is restored to \(path); run countersign authority reconcile before the authority",
                [.init("database", .string(path)), .init("is_reconciled", .bool(isReady))]
            )
        }
    }

    /// Brings a restored inventory up to its issuance log.
    package func reconcile(acceptsLostLog: Bool) -> ToolResult {
        run { () throws(StoreError) in
            guard SQLiteStore.exists(at: path) else {
                throw StoreError(.unavailable, "there is no inventory at \(path)")
            }
            var options = SQLiteStoreOptions()
            options.acceptLostLog = acceptsLostLog
            let store = try SQLiteStore(path: path, options: options)
            defer { store.close() }
            let made = try store.reconcile()
            let totals = try store.totals()
            return report(
                """
                \(path) is up to its issuance log: \(made.certificates) certificates and \(made.revocations) revocations \
                were made again; it holds \(totals.issued) certificates, \(totals.revoked) of them revoked
                """,
                [
                    .init("database", .string(path)), .init("changes", .number(Int64(made.changes))),
                    .init("certificates", .number(Int64(made.certificates))),
                    .init("revocations", .number(Int64(made.revocations))), .init("issued", .number(totals.issued)),
                    .init("revoked", .number(totals.revoked)),
                ]
            )
        }
    }

    /// Reads the whole issuance log of an authority that is stopped: each record has to follow from the one before it, and
    /// they have to lead to where the inventory is.
    package func verify() -> ToolResult {
        run { () throws(StoreError) in
            guard SQLiteStore.exists(at: path) else {
                throw StoreError(.unavailable, "there is no inventory at \(path)")
            }
            let store = try SQLiteStore(path: path)
            defer { store.close() }
            if case .needsReconciliation(let message) = store.condition {
                throw StoreError(.needsReconciliation, message)
            }
            guard try store.verifyLog() else {
                let advice = "bring the right one back, or a backup of both"
                throw StoreError(.needsReconciliation, "the issuance log of \(path) is altered: \(advice)")
            }
            let totals = try store.totals()
            return report(
                "the issuance log of \(path) is whole, and leads to its \(totals.issued) certificates",
                [
                    .init("database", .string(path)), .init("issued", .number(totals.issued)),
                    .init("revoked", .number(totals.revoked)),
                ]
            )
        }
    }

    private func isReady() throws(StoreError) -> Bool {
        do throws(StoreError) {
            let store = try SQLiteStore(path: path)
            defer { store.close() }
            return store.condition == .ready
        } catch {
            guard error.code == .needsReconciliation else { throw error }
            return false
        }
    }

    private func report(_ sentence: String, _ members: [JSONValue.Member]) -> String {
        (isJSON ? JSONValue.object(members).text : sentence) + "\n"
    }

    private func run(_ body: () throws(StoreError) -> String) -> ToolResult {
        do throws(StoreError) {
            return ToolResult(output: try body())
        } catch {
            return ToolResult(ToolError(PrintableText.escaped(error.message), exitCode: Self.refused))
        }
    }

    /// The exit code when the files are not as they have to be.
    private static let refused: Int32 = 1
    /// The exit code when the configuration is refused, as of the authority itself.
    private static let badConfiguration: Int32 = 78
}
