import ArgumentParser
import CountersignRuntime

/// `countersign audit`: who did what.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Show the authority's audit trail, newest first."
    )

    @OptionGroup var admin: AdminOptions
    @Option(help: "Only lines of this actor.") var actor: String?
    @Option(help: "Only lines of this action, as certificate.issue.") var action: String?
    @Option(help: "Only lines on this target.") var target: String?
    @Option(help: "Only lines that ended so: done, refused or failed.") var outcome: String?
    @OptionGroup var shown: ListLimit

    func run() throws {
        var query = AdminQuery()
        query.add("actor", actor)
        query.add("action", action)
        query.add("target", target)
        query.add("outcome", outcome)
        shown.add(to: &query)
        let columns = [
            ("DATE", "date"), ("ACTOR", "actor"), ("ADDRESS", "address"), ("ACTION", "action"), ("TARGET", "target"),
            ("OUTCOME", "outcome"), ("DETAIL", "detail"),
        ]
        let names: OptionNames = [
            "actor": "--actor", "action": "--action", "target": "--target", "outcome": "--outcome",
        ]
        try admin.tool(names)
            .list("/api/admin/audit", query, member: "audit", columns: columns, limit: shown.limit).finish()
    }
}
