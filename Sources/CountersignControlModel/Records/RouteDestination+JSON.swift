package import CountersignJSON

extension RouteDestination {
    /// The destination as stores keep it and routers are told it; what is not said is left out.
    package var document: JSONValue {
        var members: [JSONValue.Member] = [
            .init("guid", .string(guid)), .init("host", .string(host)), .init("port", .number(Int64(port))),
        ]
        if usesTLS { members.append(.init("tls", .bool(true))) }
        if usesHTTP2 { members.append(.init("http2", .bool(true))) }
        let texts = [
            ("certificate_name", certificateName), ("app", app), ("space", space), ("organization", organization),
        ]
        for (name, text) in texts {
            if let text { members.append(.init(name, .string(text))) }
        }
        return .object(members)
    }

    /// Reads a destination that ``document`` has made.
    ///
    /// - Throws: `JSONError` for what it cannot have made.
    package init(reading object: JSONObject) throws(JSONError) {
        guard let number = try object.integer("port"), let port = UInt16(exactly: number), port > 0 else {
            throw object.wrong("port", "a number from 1 to 65535")
        }
        self.init(
            guid: try object.requiredString("guid"),
            host: try object.requiredString("host"),
            port: port,
            usesTLS: try object.bool("tls") ?? false,
            usesHTTP2: try object.bool("http2") ?? false,
            certificateName: try object.string("certificate_name"),
            app: try object.string("app"),
            space: try object.string("space"),
            organization: try object.string("organization")
        )
    }
}
