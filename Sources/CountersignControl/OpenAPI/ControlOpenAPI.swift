import CountersignHTTPServer

/// The description of the API, for people and for programs that make clients of it.
enum ControlOpenAPI {
    /// The answer with the description.
    static var response: ServerResponse { .json(200, []) }
}
