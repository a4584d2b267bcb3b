import CountersignRuntime
import Testing

@Suite struct ArgumentPrivacyTests {
    static let pem = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\n-----END PRIVATE KEY-----"
    static let bare = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg"

    @Test(arguments: [
        (["issue", "--ca-key", pem], "--ca-key: "),
        (["issue", "--ca-key=\(pem)", "--ca-cert", "a"], "--ca-key: "),
        (["inspect", pem], ""),
        (["inspect", "--\(pem)=x"], ""),
        (["verify", "--leaf", "a", "--name=x", "-----BEGIN CERTIFICATE-----"], ""),
    ])
    func `PEM text is no argument, and the option is named`(_ arguments: [String], _ option: String) {
        let wanted = option + "give the path of a file, not the PEM text itself"
        #expect(ArgumentPrivacy.refusal(of: arguments) == wanted)
    }

    @Test func `paths and names are arguments`() {
        #expect(ArgumentPrivacy.refusal(of: ["issue", "--ca-key", "/a/key.pem", "--cn=BEGIN", "--", "-"]) == nil)
        #expect(ArgumentPrivacy.refusal(of: []) == nil)
    }

    @Test func `a message loses the keys, and nothing else`() {
        let arguments = ["--x=\(Self.bare)", Self.bare, "plain"]
        let message = "Unknown option --x=\(Self.bare), value \(Self.bare), plain"
        let clean = ArgumentPrivacy.clean(message, of: arguments)
        #expect(!clean.contains("MIGH"))
        #expect(clean.hasPrefix("Unknown option ") && clean.hasSuffix(", plain"))
        #expect(ArgumentPrivacy.clean("Unknown option plain", of: arguments) == "Unknown option plain")
    }
}
