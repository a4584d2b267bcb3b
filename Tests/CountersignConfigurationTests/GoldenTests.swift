import CountersignConfiguration
import Foundation
import Testing

/// Whole files with the report that `config check` prints about them.
///
/// A file `NAME.yaml` beside `NAME.golden` in Tests/Golden/config is a case. Comments at its beginning can set the
/// environment (`# env NAME=value`), a role (`# role router`), the permissions (`# mode 644`), and ask for JSON
/// (`# json`). With UPDATE_GOLDEN=1 in the environment the reports are written anew, for review with the diff.
@Suite struct GoldenTests {
    @Test("the report is the golden one", arguments: GoldenCase.all)
    func report(_ golden: GoldenCase) throws {
        let check = try golden.check()
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try golden.write(check)
        }
        #expect(GoldenCase.render(check) == (try golden.expected()))
    }

    @Test func thereAreCasesOfBothKinds() throws {
        let codes = try GoldenCase.all.map { try $0.check().exitCode }
        #expect(codes.contains(0))
        #expect(codes.count { $0 == 1 } >= 20)
    }
}
