/// The options of a route: a flat object, in the order in which it was written.
public struct RouteOptions: Hashable, Sendable {
    /// The largest ``encodedSize`` unless configured otherwise, in bytes.
    public static let defaultMaximumEncodedSize = 1024

    /// One option.
    public struct Element: Hashable, Sendable {
        /// The name.
        public let name: String
        /// The value.
        public let value: RouteOptionValue

        /// An option with a name and a value.
        public init(_ name: String, _ value: RouteOptionValue) {
            self.name = name
            self.value = value
        }
    }

    /// The options, each name once.
    public let elements: [Element]

    /// Takes options with distinct names.
    ///
    /// - Throws: ``PolicyError`` with `duplicateOption` or `numberNotFinite`.
    public init(_ elements: [Element]) throws(PolicyError) {
        var names: Set<String> = []
        for element in elements {
            guard names.insert(element.name).inserted else {
                throw PolicyError(
                    .duplicateOption,
                    options: [element.name],
                    "route option \(element.name) is given twice; keep one of them"
                )
            }
            if case .number(let number) = element.value, !number.isFinite {
                throw PolicyError(
                    .numberNotFinite,
                    options: [element.name],
                    "route option \(element.name) is not a finite number"
                )
            }
        }
        self.elements = elements
    }

    private init() { self.elements = [] }

    /// No options.
    public static let empty = RouteOptions()

    /// The value of an option, or `nil` when it is absent.
    public subscript(name: String) -> RouteOptionValue? {
        elements.first { $0.name == name }?.value
    }

    /// The options as compact JSON.
    public var json: String {
        "{" + elements.map { "\(JSONText.string($0.name)):\(JSONText.value($0.value))" }.joined(separator: ",") + "}"
    }

    /// How many bytes the options take as compact JSON, which is how they travel to every router.
    public var encodedSize: Int { json.utf8.count }

    /// Refuses options that are larger than a limit in bytes.
    ///
    /// - Throws: ``PolicyError`` with `optionsTooLarge`.
    public func checkSize(limit: Int = defaultMaximumEncodedSize) throws(PolicyError) {
        let size = encodedSize
        guard size <= limit else {
            throw PolicyError(
                .optionsTooLarge,
                options: elements.map(\.name),
                """
                the route options take \(size) bytes as JSON and at most \(limit) are allowed; name spaces or \
                organizations in place of many apps, or raise max_route_options_size
                """
            )
        }
    }
}
