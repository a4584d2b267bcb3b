import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON
import CountersignPKI

/// What the JSON APIs have in common: reading content, and ending a call with its answer.
enum APIHandling {
    /// The content as an object with these members and no others.
    static func object(
        _ request: ServerRequest,
        known: [String],
        allowsNull: Bool = true
    ) throws(JSONError) -> JSONObject {
        try JSONObject(try JSONValue(parsing: request.body), known: known, allowsNull: allowsNull)
    }

    /// Answers with a JSON document that must not be stored.
    static func answer(_ responder: Responder, _ status: Int, _ document: JSONValue) {
        var response = ServerResponse.json(status, document.compactBytes)
        response.fields.append((name: "Cache-Control", value: "no-store"))
        responder.answer(response)
    }

    /// Runs a handler and answers with the problem that it throws.
    static func run(_ responder: Responder, _ body: () throws -> Void) {
        do {
            try body()
        } catch {
            responder.answer(problem(error).response)
        }
    }

    /// What a caller is told of an error.
    static func problem(_ error: any Error) -> ProblemDetails {
        switch error {
        case let error as JSONError: ProblemDetails(error)
        case let error as AuthorityError: ProblemDetails(error)
        case let error as StoreError: ProblemDetails(AuthorityError(error))
        case let error as PKIError: ProblemDetails(AuthorityError(error))
        default: ProblemDetails(status: 500, code: AuthorityError.Code.signingFailed.rawValue, detail: "internal error")
        }
    }

    /// The answer for a path or method that there is not.
    static func fault(_ request: ServerRequest, _ fault: RouteFault) -> ServerResponse {
        switch fault {
        case .notFound:
            ProblemDetails(status: 404, code: "not_found", detail: "there is nothing at \(request.path.prefix(200))")
                .response
        case .methodNotAllowed(let allow):
            ProblemDetails(status: 405, code: "method_not_allowed", detail: "use \(allow)").response
        case .malformedPath(let reason):
            ProblemDetails(status: 400, code: "malformed_request", detail: reason).response
        }
    }
}
