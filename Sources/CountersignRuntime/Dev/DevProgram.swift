import CountersignAdmin
import CountersignRouter
import CountersignTelemetry
import CountersignTransport
import Glibc
import Logging

/// Runs `countersign dev` from start to end.
package enum DevProgram {
    /// Blocks until Ctrl-C, or until the demonstration is over.
    ///
    /// - Returns: the exit code: 0, or 1 when a demonstrated outcome was not the promised one.
    /// - Throws: what kept it from starting; ``ToolError`` for an option that cannot be used.
    package static func run(_ options: DevOptions) throws -> Int32 {
        let events = try ControlEvents()
        let logging = LoggingSetup(form: .text, level: options.runsDemo ? .error : .warning)
        let environment = try DevEnvironment(options, logging: logging)
        defer { environment.shutDown() }
        Console.print(introduction(environment))
        guard !options.runsDemo else { return demonstrate(environment) }
        for trial in environment.allTrials {
            Console.print("# \(trial.title)\n\(trial.command)\n")
        }
        Console.print("Press Ctrl-C to stop; the certificates are removed then.")
        while events.next() != .stop {}
        Console.print("\nStopping.")
        return 0
    }

    private static func introduction(_ environment: DevEnvironment) -> String {
        let listen = environment.router.addresses.map(\.description).joined(separator: ", ")
        return """
            Countersign is running with an ephemeral root; nothing of it outlives this process.

              authority  https://\(environment.authority.service.nativeAddress)
                         inventory http://\(environment.admin.address)/api/admin/
              router     https://\(listen)   mTLS domain *.\(DevEnvironment.domain)
              egress     \(environment.egress.router.addresses.first?.description ?? "")   http_proxy for curl, which is orders
              health     http://\(environment.admin.address)/health   metrics /metrics
              services   orders (\(environment.orders.spiffeID)), inventory (\(environment.inventory.spiffeID))
              policy     orders may call inventory; nobody may call orders
              files      \(environment.folder.path)

            """
    }

    private static func demonstrate(_ environment: DevEnvironment) -> Int32 {
        var failures = 0
        for trial in environment.allTrials {
            Console.print("# \(trial.title)\n\(trial.command)")
            let output = Shell.output(of: trial.command)
            Console.print(output)
            if let fault = trial.fault(in: output) {
                failures += 1
                Console.print("UNEXPECTED: \(fault)\n")
            }
        }
        Console.print(
            failures == 0
                ? "All four outcomes are as promised, and the inventory shows who has which certificate."
                : "\(failures) outcomes are not as promised."
        )
        return failures == 0 ? 0 : 1
    }
}
