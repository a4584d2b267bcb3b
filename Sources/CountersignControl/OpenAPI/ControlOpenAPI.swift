import CountersignHTTPServer
import CountersignJSON

/// The description of the API (OpenAPI 3.1), for people and for programs that make clients of it.
enum ControlOpenAPI {
    /// The answer with the description.
    static let response = ServerResponse.json(200, Array(document.text.utf8))

    private static var document: JSONValue {
        OpenAPIDocument.value(
            title: "Countersign control plane",
            version: "3",
            description: "Domains, routes, who may call them, and what everything is called.",
            paths: paths,
            schemas: ControlSchemas.all
        )
    }

    /// The operations by path.
    private static var paths: [JSONValue.Member] {
        var paths: [(String, [ControlOperation])] = []
        for operation in ControlOperation.all {
            if let index = paths.firstIndex(where: { $0.0 == operation.path }) {
                paths[index].1.append(operation)
            } else {
                paths.append((operation.path, [operation]))
            }
        }
        return paths.map { path, operations in .init(path, .object(operations.map(\.member))) }
    }
}
