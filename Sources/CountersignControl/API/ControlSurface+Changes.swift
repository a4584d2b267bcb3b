package import CountersignHTTPServer
import CountersignJSON

extension ControlSurface {
    /// The path of changes that are made together.
    private static let changesPath = "/v3/control_changes"
    /// The largest content of those, in bytes.
    private static let largestChanges = 64 * 1024 * 1024

    /// `/v3/control_changes`.
    func addChanges(to routes: inout RouteList) {
        routes.post(Self.changesPath) { request, _, responder in
            change(request, responder) { caller throws(ControlError) in
                engine.apply(by: caller) { () throws(ControlError) in
                    try V3Changes.batch(request.body)
                } completion: { result in
                    end(request, responder, caller, result) { count, version in
                        V3Answer.document(
                            200,
                            .object([.init("version", .string(version)), .init("changes", .number(Int64(count)))])
                        )
                    }
                }
            }
        }
    }

    /// How large the content of a request may be, where it may be larger than that of others; nil elsewhere.
    ///
    /// Whoever may change nothing is not waited for: the content is kept in memory.
    package func contentLimit(_ request: ServerRequest) -> Int? {
        guard request.path == Self.changesPath, mayChange(request) else { return nil }
        return Self.largestChanges
    }
}
