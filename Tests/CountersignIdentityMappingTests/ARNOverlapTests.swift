import CountersignIdentity
import CountersignIdentityMapping
import Testing

/// Rules that can give two callers one name.
@Suite struct ARNOverlapTests {
    private func mapping(_ templates: [String]) throws -> IdentityMapping {
        IdentityMapping(
            rules: try templates.map { template in
                let names = try ARNTemplate(parsing: template).captures.map { "{\($0)}" }.joined(separator: "@")
                let pattern = try IdentityPattern(parsing: names.isEmpty ? "x" : names, for: .attribute)
                let attribute = AttributeCondition(type: .commonName, patterns: [pattern])
                return try Certificates.rule("rule", [.subject([attribute])], template)
            }
        )
    }

    @Test(arguments: [
        ("arn:crud:iam::{ns}:service/{sa}", "arn:crud:iam::partner:service/{name}"),
        ("arn:crud:iam:::service/{a}", "arn:crud:iam:::service/billing"),
        ("arn:crud:iam:::service/{a}-x", "arn:crud:iam:::service/team-{b}"),
        ("arn:crud:iam:::service/{a}", "arn:crud:iam:::{kind}/{b}"),
        ("arn:crud:iam:::one", "arn:crud:iam:::one"),
    ])
    func `templates that can make one ARN are noticed, in either order`(one: String, other: String) throws {
        for pair in [[one, other], [other, one]] {
            let found = try mapping(pair).overlaps
            #expect(found.map(\.earlier) == [0] && found.map(\.later) == [1])
        }
    }

    @Test(arguments: [
        ("arn:crud:iam::{ns}:service/{sa}", "arn:crud:iam::{ns}:device/{name}"),
        ("arn:crud:iam:::service/{a}", "arn:crud:iam:::service/{a}/x"),
        ("arn:crud:iam:::service/{a}", "arn:crud:iam:::service:{a}"),
        ("arn:crud:iam:::{a}-x", "arn:crud:iam:::{a}-y"), ("arn:crud:iam:::x-{a}", "arn:crud:iam:::y-{a}"),
        // A capture has no @, so that none can be that text; and it is never empty.
        ("arn:crud:iam:::{a}", "arn:crud:iam:::a@b"), ("arn:crud:iam:::{a}", "arn:crud:iam:::b@{b}"),
        ("arn:crud:iam:::ab{a}", "arn:crud:iam:::ab"),
    ])
    func `templates that differ in every ARN are not`(one: String, other: String) throws {
        for pair in [[one, other], [other, one]] { #expect(try mapping(pair).overlaps.isEmpty) }
    }

    @Test func `each rule is told of once, with the first that it can be mistaken for`() throws {
        let found = try mapping(["arn:crud:iam:::a/{a}", "arn:crud:iam:::a/{b}", "arn:crud:iam:::a/{c}"]).overlaps
        #expect(found.map(\.earlier) == [0, 0] && found.map(\.later) == [1, 2])
    }
}
