/// Whether an endpoint is well, by its answers so far; it is until so many in a row say otherwise.
struct HealthTally {
    private(set) var isWell = true
    private var against = 0

    /// Takes the outcome of a check.
    ///
    /// - Returns: whether it changes what is known of the endpoint.
    mutating func take(isGood: Bool, _ plan: HealthCheckPlan) -> Bool {
        guard isGood != isWell else {
            against = 0
            return false
        }
        against += 1
        guard against >= (isWell ? plan.unhealthyThreshold : plan.healthyThreshold) else { return false }
        isWell.toggle()
        against = 0
        return true
    }
}
