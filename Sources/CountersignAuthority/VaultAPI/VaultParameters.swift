import CountersignHTTPServer
import CountersignIdentity
import CountersignJSON

/// The parameters of a call: clients write numbers and booleans as such or as text, and lists as such or with commas.
struct VaultParameters: Sendable {
    private let object: JSONObject

    /// Reads the content of a request; none at all stands for no parameters.
    ///
    /// - Throws: ``VaultError`` with status 400.
    init(_ request: ServerRequest) throws(VaultError) {
        do {
            let value = request.body.isEmpty ? JSONValue.object([]) : try JSONValue(parsing: request.body)
            object = try JSONObject(value, known: nil)
        } catch {
            throw VaultError(error)
        }
    }

    /// Whether the caller has said something for this parameter.
    func has(_ name: String) -> Bool {
        switch object[name] {
        case nil, .null, .string(""), .array([]): false
        default: true
        }
    }

    /// A text; nil when it is absent or empty.
    func text(_ name: String) throws(VaultError) -> String? {
        switch object[name] {
        case nil, .null, .string(""): nil
        case .string(let text): text
        case .number(let number): String(number)
        default: throw .parameter(name, "a string")
        }
    }

    /// A yes or no; nil when it is absent.
    func flag(_ name: String) throws(VaultError) -> Bool? {
        switch object[name] {
        case nil, .null, .string(""): return nil
        case .bool(let flag): return flag
        case .string("true"), .string("1"), .number(1): return true
        case .string("false"), .string("0"), .number(0): return false
        default: throw .parameter(name, "true or false")
        }
    }

    /// A whole number; nil when it is absent.
    func integer(_ name: String) throws(VaultError) -> Int64? {
        switch object[name] {
        case nil, .null, .string(""): return nil
        case .number(let number): return number
        case .string(let text):
            guard let number = Int64(text) else { throw .parameter(name, "a whole number") }
            return number
        default: throw .parameter(name, "a whole number")
        }
    }

    /// Texts, at most ``mostNames`` of them; empty when it is absent.
    func list(_ name: String) throws(VaultError) -> [String] {
        let texts: [String]
        switch object[name] {
        case nil, .null: texts = []
        case .string(let text): texts = text.split(separator: ",").map(String.init)
        case .array(let values):
            var strings: [String] = []
            for value in values {
                guard case .string(let text) = value else { throw .parameter(name, "a list of strings") }
                strings.append(text)
            }
            texts = strings
        default: throw .parameter(name, "a list, or a text with commas")
        }
        guard texts.count <= Self.mostNames else { throw .parameter(name, "at most \(Self.mostNames) values") }
        return texts.map(Self.trimmed).filter { !$0.isEmpty }
    }

    /// A length of time in seconds; nil when it is absent or 0, which stand for the default.
    func seconds(_ name: String) throws(VaultError) -> Int64? {
        switch object[name] {
        case .number(0), .string("0"), .string("0s"): return nil
        default: break
        }
        guard let text = try text(name) else { return nil }
        guard let seconds = VaultDuration.seconds(text) else {
            throw .parameter(name, "a length of time, as 3600, \"72h\" or \"30d\"")
        }
        return seconds
    }

    /// Refuses a parameter that would change what is done, and that is not offered.
    func refuse(_ name: String, _ instead: String) throws(VaultError) {
        guard !has(name) else { throw .parameter(name, "nothing: \(instead)") }
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    private static let mostNames = 100
}
