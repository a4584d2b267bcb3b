import ArgumentParser
import CountersignRuntime

/// How much of a list is shown; shared by the commands whose lists can be long.
struct ListLimit: ParsableArguments {
    @Option(help: "How many at most, 1 or more.") var limit = 100

    func validate() throws {
        guard limit >= 1 else { throw ValidationError("--limit: expected 1 or more") }
    }

    /// Adds the size of a page to a query.
    func add(to query: inout AdminQuery) {
        query.add("limit", String(min(limit, 1000)))
    }
}
