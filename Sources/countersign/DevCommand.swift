import ArgumentParser
import CountersignRuntime

struct DevCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract:
            "Run an authority, a router, a forward proxy and two sample services in one process, to try things out.",
        discussion: """
            Everything listens on loopback. Client certificates are written to a folder for the printed curl commands, \
            and removed at the end; what else is in the folder is left alone.
            """
    )

    @Option(help: "Address of the router; port 0, or one that is taken, stands for a free one.")
    var listen = "127.0.0.1:8443"

    @Option(help: "Address of the authority's native API; port 0, or one that is taken, stands for a free one.")
    var authority = "127.0.0.1:8444"

    @Option(help: "Address of health, metrics and the admin API; port 0, or one that is taken, stands for a free one.")
    var admin = "127.0.0.1:9090"

    @Option(help: "Address of the forward proxy; port 0, or one that is taken, stands for a free one.")
    var egress = "127.0.0.1:8888"

    @Option(help: "Folder for the certificates, in which nothing is replaced; a new one under /tmp when absent.")
    var folder: String?

    @Flag(help: "Run the printed commands with curl, check that each gives what is promised, and end.")
    var demo = false

    func run() throws {
        var options = DevOptions()
        options.listen = listen
        options.authority = authority
        options.admin = admin
        options.egress = egress
        options.folder = folder
        options.runsDemo = demo
        do {
            let code = try DevProgram.run(options)
            if code != 0 { throw ExitCode(code) }
        } catch let error as ToolError {
            try ToolResult(error).finish()
        }
    }
}
