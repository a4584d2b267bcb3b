/// What a denial does.
public enum Enforcement: String, Hashable, Sendable, CaseIterable {
    /// It refuses the request.
    case enforce
    /// It is reported and the request passes: for finding out what a policy would do.
    case audit
}
