package import CountersignIssuance

/// Why the control plane does not do what was asked, in the words of Cloud Foundry's V3 API.
///
/// The detail is for the caller: it names what is wrong and what would be right. Two errors are equal when their codes
/// are.
package struct ControlError: Error, Sendable {
    /// The HTTP status.
    package let status: Int
    /// The number that the V3 API gives to this kind of error.
    package let code: Int64
    /// The name that the V3 API gives to it, as `CF-UnprocessableEntity`.
    package let title: String
    /// One sentence.
    package let detail: String

    private init(_ status: Int, _ code: Int64, _ title: String, _ detail: String) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
    }

    /// The content is no JSON.
    package static func unreadable(_ detail: String) -> ControlError {
        ControlError(400, 1001, "CF-MessageParseError", detail)
    }

    /// A parameter of the query is unknown or has a value that it does not take.
    package static func badQuery(_ detail: String) -> ControlError {
        ControlError(400, 10005, "CF-BadQueryParameter", detail)
    }

    /// The caller proved no identity.
    package static func unauthenticated(_ detail: String) -> ControlError {
        ControlError(401, 10002, "CF-NotAuthenticated", detail)
    }

    /// The caller may not do this.
    package static func forbidden(_ detail: String) -> ControlError {
        ControlError(403, 10003, "CF-NotAuthorized", detail)
    }

    /// There is no such thing.
    package static func notFound(_ detail: String) -> ControlError {
        ControlError(404, 10010, "CF-ResourceNotFound", detail)
    }

    /// There is no such path.
    package static func unknownPath(_ detail: String) -> ControlError {
        ControlError(404, 10000, "CF-NotFound", detail)
    }

    /// The path has not this method.
    package static func methodNotAllowed(_ detail: String) -> ControlError {
        ControlError(405, 10019, "CF-MethodNotAllowed", detail)
    }

    /// What was to be changed is not as the caller has seen it.
    package static func changedMeanwhile(_ detail: String) -> ControlError {
        ControlError(412, 10017, "CF-PreconditionFailed", detail)
    }

    /// The content is larger than is taken.
    package static func tooLarge(_ detail: String) -> ControlError {
        ControlError(413, 10018, "CF-ContentTooLarge", detail)
    }

    /// What was sent can be read, and cannot be done.
    package static func unprocessable(_ detail: String) -> ControlError {
        ControlError(422, 10008, "CF-UnprocessableEntity", detail)
    }

    /// The same exists already.
    package static func notUnique(_ detail: String) -> ControlError {
        ControlError(422, 10016, "CF-UniquenessError", detail)
    }

    /// The caller asks too often.
    package static func rateLimited(_ detail: String) -> ControlError {
        ControlError(429, 10013, "CF-RateLimitExceeded", detail)
    }

    /// The fault is the server's.
    package static func failed(_ detail: String) -> ControlError {
        ControlError(500, 10001, "UnknownError", detail)
    }

    /// Nothing can be written at present.
    package static func unavailable(_ detail: String) -> ControlError {
        ControlError(503, 10015, "CF-ServiceUnavailable", detail)
    }

    /// The same error about a part of what was sent.
    package func at(_ place: String) -> ControlError { ControlError(status, code, title, "\(place): \(detail)") }

    /// What a store said.
    package init(_ error: StoreError) {
        self = .unavailable(error.message)
    }
}

extension ControlError: Hashable {
    package static func == (left: ControlError, right: ControlError) -> Bool { left.code == right.code }
    package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

extension ControlError: CustomStringConvertible {
    package var description: String { detail }
}
