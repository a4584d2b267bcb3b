import CountersignHTTP1

/// Finds the handler of a request by its method and path.
///
/// A path that is there without the method is answered with 405 and Allow. A parameter that could be read in two ways
/// (a broken escape, an encoded slash or control, `.`, `..`, no UTF-8) is answered with 400.
package struct RequestRouter: Sendable {
    /// Makes the answer where no handler can.
    package typealias FaultAnswer = @Sendable (ServerRequest, RouteFault) -> ServerResponse

    private struct Endpoint: Sendable {
        let method: String
        /// The parameters' names, which may differ from those of another method's pattern for the same path.
        let names: [String]
        let handler: RouteList.Handler
    }

    private struct Resource: Sendable {
        var endpoints: [Endpoint] = []
        var allow = ""
    }

    private var tree = RouteTree()
    private var resources: [Resource] = []
    private let fault: FaultAnswer

    /// Compiles routes.
    ///
    /// - Parameters:
    ///   - routes: what there is.
    ///   - fault: makes the answer where nothing fits; a line of text by default. Allow is added to a 405.
    /// - Throws: ``RouteError`` for a pattern that cannot be read or a method that a path has twice.
    package init(
        _ routes: RouteList,
        fault: @escaping FaultAnswer = { _, fault in .text(fault.status, fault.explanation) }
    ) throws(RouteError) {
        self.fault = fault
        for route in routes.routes { try add(route) }
        for index in resources.indices {
            var methods = resources[index].endpoints.map(\.method)
            if let get = methods.firstIndex(of: "GET"), !methods.contains("HEAD") {
                methods.insert("HEAD", at: get + 1)
            }
            resources[index].allow = methods.joined(separator: ", ")
        }
    }

    /// Has the request's handler answer it.
    package func handle(_ request: ServerRequest, _ responder: Responder) {
        let range = request.pathRange
        let path = range.isEmpty ? Self.root : request.bytes[range.start..<range.end]
        guard path.first == UInt8(ascii: "/"), let match = tree.match(path) else {
            responder.answer(fault(request, .notFound))
            return
        }
        let resource = resources[match.route]
        guard let endpoint = Self.endpoint(of: resource, for: request) else {
            let allow = resource.allow
            var response = fault(request, .methodNotAllowed(allow: allow))
            response.fields.append(("Allow", allow))
            responder.answer(response)
            return
        }
        guard let values = Self.decode(match.parameters, of: path) else {
            responder.answer(fault(request, .malformedPath(Self.malformed)))
            return
        }
        endpoint.handler(request, PathParameters(names: endpoint.names, values: values), responder)
    }

    private mutating func add(_ route: RouteList.Route) throws(RouteError) {
        let pattern = try RoutePattern(route.pattern)
        let index = tree.insert(pattern.segments, route: resources.count)
        if index == resources.count { resources.append(Resource()) }
        for method in route.methods {
            guard !resources[index].endpoints.contains(where: { $0.method == method }) else {
                throw RouteError(pattern: route.pattern, reason: "another route has \(method) for the same paths")
            }
            resources[index].endpoints.append(Endpoint(method: method, names: pattern.names, handler: route.handler))
        }
    }

    private static func endpoint(of resource: Resource, for request: ServerRequest) -> Endpoint? {
        let range = request.head.methodRange
        let method = request.bytes[range.start..<range.end]
        if let exact = resource.endpoints.first(where: { method.elementsEqual($0.method.utf8) }) { return exact }
        return request.method == .head ? resource.endpoints.first { $0.method == "GET" } : nil
    }

    private static func decode(_ ranges: [Range<Int>], of path: ArraySlice<UInt8>) -> [String]? {
        var values: [String] = []
        for range in ranges {
            let segments = path[range].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            var decoded: [String] = []
            for segment in segments {
                guard let text = PercentCoding.decodedSegment(segment) else { return nil }
                decoded.append(text)
            }
            values.append(decoded.joined(separator: "/"))
        }
        return values
    }

    private static let root: ArraySlice<UInt8> = [UInt8(ascii: "/")]
    private static let malformed =
        "a segment of the path has a broken escape, an encoded slash or control, is . or .., or is no UTF-8"
}
