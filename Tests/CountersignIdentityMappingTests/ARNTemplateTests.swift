import CountersignIdentity
import CountersignIdentityMapping
import Testing

@Suite struct ARNTemplateTests {
    @Test(arguments: [
        "arn:crud:iam::{ns}:service/{name}", "arn:aws:iam:eu-1:123456789012:role/team-{a}/x",
        "arn:crud:iam:::service/a",
    ])
    func `templates have the form of an ARN`(text: String) throws {
        #expect(try ARNTemplate(parsing: text).text == text)
    }

    @Test(arguments: [
        "", "service/{name}", "arn:crud:iam:service", "arn::iam:::x", "arn:crud::::x", "arn:crud:iam:::",
        "ARN:crud:iam:::x",
        "arn:crud:iam:::service/*", "arn:crud:iam:::service/?", "arn:crud:iam:::a b", "arn:crud:iam:::ü",
        "arn:crud:iam:::service/{a}-{b}", "arn:crud:iam:::{a}{b}", "arn:crud:iam:::{_}", "arn:crud:iam:::a/../b",
        "{a}:crud:iam:::x", "arn:crud:iam:::a%2Fb", "arn:crud:iam:::a\nb",
    ])
    func `templates that could be misread are refused`(text: String) {
        #expect(throws: MappingError.self) { try ARNTemplate(parsing: text) }
    }

    @Test func `captures and template have to agree`() throws {
        let pattern = try IdentityPattern(parsing: "{a}-{b}", for: .attribute)
        let subject = IdentityRule.Condition.subject([AttributeCondition(type: .commonName, patterns: [pattern])])
        for arn in ["arn:x:y:::{a}", "arn:x:y:::{a}/{b}/{c}", "arn:x:y:::z"] {
            #expect(throws: MappingError.self) { try Certificates.rule("r", [subject], arn) }
        }
        #expect(throws: MappingError.self) { try Certificates.rule("r", [subject, subject], "arn:x:y:::{a}/{b}") }
        #expect(throws: MappingError.self) { try Certificates.rule("r", [], "arn:x:y:::z") }
        _ = try Certificates.rule("r", [subject], "arn:x:y:::{a}/{b}")
    }
}
