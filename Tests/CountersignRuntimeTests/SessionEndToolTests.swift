import CountersignConfiguration
import CountersignPKI
import CountersignRuntime
import Testing

@Suite struct SessionEndToolTests {
    private let folder: ToolFolder

    init() throws {
        folder = try ToolFolder()
        let content = RevocationListContent(
            number: 1,
            thisUpdate: ToolFolder.now,
            nextUpdate: ToolFolder.now + 3_600,
            entries: ["64", "0200", "0a"].compactMap { serial in
                RevocationListContent.Entry(serialHex: serial, date: ToolFolder.now, reason: .superseded)
            }
        )
        let der = try folder.authority.revocationList(content)
        try folder.write("crl.pem", PEMBlock.text(label: "X509 CRL", der: der))
    }

    private func run(_ serials: [String], isListed: Bool = true, patience: Duration? = nil) -> ToolResult {
        var arguments = SessionEndTool.Arguments()
        arguments.serials = serials
        arguments.patience = patience
        arguments.directory = isListed ? folder.path : nil
        return SessionEndTool.run(arguments, loader: ConfigurationLoader(environment: [:]), currentFolder: "/")
    }

    @Test func theNumbersOfTheListsArePrintedInTheirOrder() {
        let result = run([])
        #expect(result.exitCode == 0 && result.output.contains("IN (10, 100, 512)"), "\(result)")
    }

    @Test func numbersThatTheListsNameArePrintedAtOnce() {
        #expect(run(["0200", "0a"], patience: .zero).output.contains("IN (512, 10)"))
        let missing = run(["0200", "0b"], patience: .zero)
        #expect(missing.exitCode == 1 && missing.output.isEmpty)
    }

    @Test func waitingForNothingIsRefused() {
        for result in [run([], patience: .zero), run(["0a"], isListed: false, patience: .zero)] {
            #expect(result.exitCode == 2 && result.output.isEmpty && result.diagnostics.contains("--wait"), "\(result)")
        }
        #expect(run(["0a"], isListed: false).exitCode == 0)
    }
}
