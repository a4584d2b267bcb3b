import CountersignControlModel
import CountersignHTTPServer
import CountersignJSON
import CountersignPolicy

/// The content of a call: an object none of whose members may be unknown.
struct V3Body {
    private let object: JSONObject

    /// Reads the content.
    ///
    /// - Throws: ``ControlError``: 400 for what is no JSON, 422 for an unknown member.
    init(_ request: ServerRequest, known: [String]) throws(ControlError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: request.body)
        } catch {
            throw .unreadable("Request invalid due to parse error: \(error)")
        }
        object = try Self.orUnprocessable { () throws(JSONError) in try JSONObject(value, known: known) }
    }

    /// Takes a part of some content; with nil for `known`, members may be anything.
    ///
    /// - Throws: ``ControlError`` with 422.
    init(_ value: JSONValue, known: [String]?) throws(ControlError) {
        object = try Self.orUnprocessable { () throws(JSONError) in try JSONObject(value, known: known) }
    }

    /// A text that has to be there and not empty.
    func requiredText(_ name: String) throws(ControlError) -> String {
        try Self.orUnprocessable { () throws(JSONError) in try object.requiredString(name) }
    }

    /// A text; nil when it is absent.
    func text(_ name: String) throws(ControlError) -> String? {
        try Self.orUnprocessable { () throws(JSONError) in try object.string(name) }
    }

    /// Yes or no; nil when it is absent.
    func flag(_ name: String) throws(ControlError) -> Bool? {
        try Self.orUnprocessable { () throws(JSONError) in try object.bool(name) }
    }

    /// The GUID that a relationship is to; nil when it is absent or to nothing.
    ///
    /// - Parameter known: every relationship that there may be.
    func relationship(_ name: String, known: [String]) throws(ControlError) -> String? {
        try Self.orUnprocessable { () throws(JSONError) in
            guard let relationships = try object.object("relationships", known: known) else { return nil }
            return try relationships.object(name, known: ["data"])?.object("data", known: ["guid"])?
                .requiredString("guid")
        }
    }

    /// The change of labels and annotations; empty when it is absent.
    func metadata() throws(ControlError) -> MetadataChange {
        try Self.orUnprocessable { () throws(JSONError) in
            guard let value = object["metadata"] else { return MetadataChange() }
            let metadata = try JSONObject(value, at: "$.metadata", known: ["labels", "annotations"])
            return MetadataChange(
                labels: try Self.texts(metadata["labels"], "$.metadata.labels"),
                annotations: try Self.texts(metadata["annotations"], "$.metadata.annotations")
            )
        }
    }

    /// The options of a route with nil for those that go; nil when they are absent.
    func options() throws(ControlError) -> OptionsChange? {
        try Self.orUnprocessable { () throws(JSONError) in
            guard let value = object["options"] else { return nil }
            guard case .object(let members) = value else { throw JSONError(at: "$.options", "an object is expected") }
            var change: OptionsChange = []
            for member in members {
                guard member.value != .null else {
                    change.append((member.name, nil))
                    continue
                }
                let one = try RouteOptions(reading: .object([member]), at: "$.options")
                change.append((member.name, one[member.name]))
            }
            return change
        }
    }

    /// The destinations; nil when they are absent.
    func destinations() throws(ControlError) -> [DestinationDraft]? {
        try Self.orUnprocessable { () throws(JSONError) in
            guard
                let objects = try object.objects(
                    "destinations",
                    known: ["host", "port", "tls", "protocol", "certificate_name", "app", "space", "organization"]
                )
            else { return nil }
            var drafts: [DestinationDraft] = []
            for object in objects { drafts.append(try Self.destination(object)) }
            return drafts
        }
    }

    private static func destination(_ object: JSONObject) throws(JSONError) -> DestinationDraft {
        guard let number = try object.integer("port"), let port = UInt16(exactly: number), port > 0 else {
            throw object.wrong("port", "a number from 1 to 65535")
        }
        var draft = DestinationDraft(host: try object.requiredString("host"), port: port)
        draft.usesTLS = try object.bool("tls") ?? false
        switch try object.string("protocol") ?? "http1" {
        case "http1": break
        case "http2": draft.usesHTTP2 = true
        default: throw object.wrong("protocol", "http1 or http2")
        }
        draft.certificateName = try object.string("certificate_name")
        draft.app = try object.object("app", known: ["guid"])?.requiredString("guid")
        draft.space = try object.object("space", known: ["guid"])?.requiredString("guid")
        draft.organization = try object.object("organization", known: ["guid"])?.requiredString("guid")
        return draft
    }

    private static func texts(_ value: JSONValue?, _ place: String) throws(JSONError) -> [String: String?] {
        guard let value else { return [:] }
        guard case .object(let members) = value else { throw JSONError(at: place, "an object is expected") }
        var texts: [String: String?] = [:]
        for member in members {
            switch member.value {
            case .string(let text): texts[member.name] = .some(text)
            case .null: texts.updateValue(nil, forKey: member.name)
            default: throw JSONError(at: "\(place).\(member.name.prefix(64))", "a string or null is expected")
            }
        }
        return texts
    }

    private static func orUnprocessable<Value>(
        _ body: () throws(JSONError) -> Value
    ) throws(ControlError) -> Value {
        do throws(JSONError) {
            return try body()
        } catch {
            throw .unprocessable("\(error)")
        }
    }
}
