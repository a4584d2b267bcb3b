/// Routes in the making: methods and path patterns with what answers them; ``RequestRouter`` compiles them.
///
/// A pattern is a path whose segments stand for themselves, except `{name}`, which takes one segment, and `{name...}`
/// at the end, which takes all that is left. A segment that stands for itself goes before one that is taken. Routes for
/// GET serve HEAD too.
package struct RouteList: Sendable {
    /// Answers at once.
    package typealias Answer = @Sendable (ServerRequest, PathParameters) -> ServerResponse
    /// Answers when it is ready to.
    package typealias Handler = @Sendable (ServerRequest, PathParameters, Responder) -> Void

    struct Route: Sendable {
        let methods: [String]
        let pattern: String
        let handler: Handler
    }

    private(set) var routes: [Route] = []

    /// An empty list.
    package init() {}

    /// Adds a route for the given methods.
    package mutating func on(_ methods: [String], _ pattern: String, _ handler: @escaping Handler) {
        routes.append(Route(methods: methods, pattern: pattern, handler: handler))
    }

    /// Adds a route for the given methods that is answered at once.
    package mutating func on(_ methods: [String], _ pattern: String, _ answer: @escaping Answer) {
        on(methods, pattern) { request, parameters, responder in
            responder.answer(answer(request, parameters))
        }
    }

    /// Adds a route for GET and HEAD.
    package mutating func get(_ pattern: String, _ handler: @escaping Handler) {
        on(["GET"], pattern, handler)
    }

    /// Adds a route for GET and HEAD that is answered at once.
    package mutating func get(_ pattern: String, _ answer: @escaping Answer) {
        on(["GET"], pattern, answer)
    }

    /// Adds a route for POST.
    package mutating func post(_ pattern: String, _ handler: @escaping Handler) {
        on(["POST"], pattern, handler)
    }

    /// Adds a route for POST that is answered at once.
    package mutating func post(_ pattern: String, _ answer: @escaping Answer) {
        on(["POST"], pattern, answer)
    }

    /// Adds a route for PUT.
    package mutating func put(_ pattern: String, _ handler: @escaping Handler) {
        on(["PUT"], pattern, handler)
    }

    /// Adds a route for PUT that is answered at once.
    package mutating func put(_ pattern: String, _ answer: @escaping Answer) {
        on(["PUT"], pattern, answer)
    }

    /// Adds a route for DELETE.
    package mutating func delete(_ pattern: String, _ handler: @escaping Handler) {
        on(["DELETE"], pattern, handler)
    }

    /// Adds a route for DELETE that is answered at once.
    package mutating func delete(_ pattern: String, _ answer: @escaping Answer) {
        on(["DELETE"], pattern, answer)
    }

    /// Adds all routes of another list.
    package mutating func append(contentsOf other: RouteList) {
        routes += other.routes
    }
}
