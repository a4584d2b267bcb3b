/// Why route options are not a usable policy.
///
/// The message names the options concerned, what is wrong with them and what would be right. Two errors are equal when
/// code and options are.
public struct PolicyError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure; new kinds may be added.
    public let code: Code
    /// The names of the route options that are wrong, in the order in which they were given.
    public let options: [String]
    /// One sentence for a human reader.
    public let message: String

    package init(_ code: Code, options: [String] = [], _ message: String) {
        self.code = code
        self.options = options
        self.message = message
    }

    /// The text form, for people and logs.
    public var description: String { "\(code): \(message)" }
}

extension PolicyError: Hashable {
    /// Whether both are of the same kind and about the same options.
    public static func == (left: PolicyError, right: PolicyError) -> Bool {
        left.code == right.code && left.options == right.options
    }

    /// Hashes what counts for equality.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
        hasher.combine(options)
    }
}

extension PolicyError {
    /// The kind of a ``PolicyError``.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case duplicateOption
            case numberNotFinite
            case optionsTooLarge
            case unknownOption
            case wrongType
            case invalidValue
            case conflictingOptions
            case conflictingSources
            case invalidSource
            case missingScope
        }

        private let kind: Kind

        /// The text form, for people and logs.
        public var description: String { kind.rawValue }

        /// The same option is given twice.
        public static let duplicateOption = Code(kind: .duplicateOption)
        /// A number is infinite or not a number, which JSON cannot say.
        public static let numberNotFinite = Code(kind: .numberNotFinite)
        /// The options together exceed the size limit.
        public static let optionsTooLarge = Code(kind: .optionsTooLarge)
        /// An option has a name that begins like those of policies and is none of them.
        public static let unknownOption = Code(kind: .unknownOption)
        /// An option has a value of another type than it takes.
        public static let wrongType = Code(kind: .wrongType)
        /// An option has a value that it does not take.
        public static let invalidValue = Code(kind: .invalidValue)
        /// Two options exclude each other.
        public static let conflictingOptions = Code(kind: .conflictingOptions)
        /// `cf:any` stands beside other sources.
        public static let conflictingSources = Code(kind: .conflictingSources)
        /// A text is not a source of a route policy.
        public static let invalidSource = Code(kind: .invalidSource)
        /// Sources are given without a scope.
        public static let missingScope = Code(kind: .missingScope)
    }
}
